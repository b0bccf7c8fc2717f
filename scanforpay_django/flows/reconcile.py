"""Find by asking what nobody told us: missed notifications, attempts to close, orders whose time is up."""

import logging
import time
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.flows.ask_platform import ask, close_payment
from scanforpay_django.flows.close_order import close_order
from scanforpay_django.models import Order, OrderEvent, Payment

logger = logging.getLogger(__name__)

# Minutes after the attempt began, then at its expiry, then every five minutes until the platform has spoken.
LADDER_MINUTES = (1, 2, 5, 10, 20)
AGAIN = timedelta(minutes=5)


def reconcile(*, limit: int = 200, max_seconds: float = 20.0) -> int:
    """One sweep; how many rows were looked at. Several at once do no harm."""
    end = time.monotonic() + max_seconds
    looked = 0
    for payment in _due_payments(limit):
        if time.monotonic() > end:
            return looked
        looked += _look_at(payment)
    for order in _overdue_orders(limit):
        if time.monotonic() > end:
            return looked
        looked += _expire(order)
    return looked


def next_query_at(payment: Payment) -> timedelta | None:
    """How long after creation the step after this one comes; None past the ladder."""
    step = payment.query_count + 1
    return timedelta(minutes=LADDER_MINUTES[step]) if step < len(LADDER_MINUTES) else None


def _due_payments(limit: int) -> list[Payment]:
    due = Payment.objects.filter(state__in=Payment.UNFINISHED, next_query_at__lte=timezone.now())
    return list(due.select_related("account", "order").order_by("next_query_at")[:limit])


def _look_at(payment: Payment) -> int:
    """Claim the row by moving its next step, then ask. 0: another sweep has it."""
    now = timezone.now()
    after = next_query_at(payment)
    following = payment.created_at + after if after is not None else max(payment.expires_at, now + AGAIN)
    if payment.state == Payment.State.CLOSING or following <= now:
        following = now + AGAIN
    mine = Payment.objects.filter(
        pk=payment.pk, next_query_at=payment.next_query_at, state__in=Payment.UNFINISHED
    ).update(next_query_at=following, query_count=payment.query_count + 1)
    if not mine:
        return 0
    try:
        if payment.state == Payment.State.CLOSING:
            close_payment(payment)
        else:
            ask(payment, source=OrderEvent.Source.SWEEP)
    except ScanForPayError as error:
        logger.warning("payment %s could not be asked about: %s", payment.out_trade_no, error)
    return 1


def _overdue_orders(limit: int) -> list[Order]:
    """Orders whose time is up, without those that wait for an attempt to be asked about again."""
    now = timezone.now()
    waits = Payment.objects.filter(order=OuterRef("pk"), state=Payment.State.CLOSING, next_query_at__gt=now)
    overdue = Order.objects.filter(~Exists(waits), state=Order.State.PENDING, expires_at__lte=now)
    return list(overdue.order_by("expires_at")[:limit])


def _expire(order: Order) -> int:
    try:
        close_order(order, to=Order.State.EXPIRED, source=OrderEvent.Source.SWEEP)
    except ScanForPayError as error:
        logger.warning("order %s cannot expire yet: %s", order.order_no, error)
    return 1
