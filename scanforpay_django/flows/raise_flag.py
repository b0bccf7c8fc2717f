"""Money that needs a person: a flag for staff, a line in the timeline, an alarm when it is committed."""

import logging
from datetime import timedelta
from typing import Any

from scanforpay_django import clock, signals
from scanforpay_django.models import Cause, Flag, Order, Payment
from scanforpay_django.models.database import atomic, on_commit
from scanforpay_django.models.locks import lock_order

logger = logging.getLogger(__name__)


def raise_flag(order: Order, flag: str, details: dict[str, Any], cause: Cause) -> None:
    """Call inside the transaction of what happened. A flag that is up already stays one flag."""
    Flag.objects.get_or_create(order=order, kind=flag, cleared_at=None, defaults={"details": details})
    order.record_event(cause, {"flag": flag, **details})

    def alarm() -> None:
        logger.error("order %s needs attention: %s", order.order_no, flag)
        signals.flag_raised.send_robust(Order, order=order, flag=flag)

    on_commit(alarm, robust=True)


def raise_flag_once(order: Order, flag: str, details: dict[str, Any], cause: Cause) -> None:
    """The same for what is seen again at every look: while the flag is up, nothing more is written."""
    with atomic():
        if not order.flags.filter(kind=flag, cleared_at=None).exists():
            raise_flag(order, flag, details, cause)


def raise_daily_flag(payment: Payment, flag: str, details: dict[str, Any], cause: Cause) -> None:
    """The same for what a whole account may have: one in 24 hours."""
    of_account = Flag.objects.filter(kind=flag, order__payments__account=payment.account_id)
    if not of_account.filter(raised_at__gt=clock.now() - timedelta(days=1)).exists():
        raise_flag_once(payment.order, flag, details, cause)


def flag_refused_message(payment: Payment, why: str, cause: Cause) -> None:
    """A verified message of the platform cannot be right: staff look, and nothing of it is believed.

    The same trouble again writes no second line.
    """
    with atomic():
        order = lock_order(payment.order_id)
        if not order.flags.filter(kind=Flag.Kind.MESSAGE_REFUSED, cleared_at=None).exists():
            details = {"out_trade_no": payment.out_trade_no, "why": why}
            raise_flag(order, Flag.Kind.MESSAGE_REFUSED, details, cause)
