"""Query platforms for what no notification announced, close what is to be closed, and expire orders."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.models import Exists, F, OuterRef, QuerySet, Value, Window
from django.db.models.functions import Coalesce, RowNumber

from scanforpay_django import clock
from scanforpay_django.exceptions import PlatformTimeout, PlatformUnreachable, ScanForPayError
from scanforpay_django.fields import MomentField
from scanforpay_django.flows.approve_refund import drop_unanswered
from scanforpay_django.flows.carry_out_refund import take_step
from scanforpay_django.flows.clock import is_clock_right
from scanforpay_django.flows.close_order import close_order
from scanforpay_django.flows.close_payment import close_payment
from scanforpay_django.flows.find_lost_payments import find_lost_payments
from scanforpay_django.flows.overdue import flag_overdue
from scanforpay_django.flows.query_platform import (
    BARCODE_POLL_INTERVAL,
    query_payment,
    query_payment_throttled,
)
from scanforpay_django.models import Order, Payment, Refund, RestoreMark, WalletAccount
from scanforpay_django.models.cause import BY_SWEEP
from scanforpay_django.models.moments import database_now, due_moment

logger = logging.getLogger(__name__)


# Minutes after the attempt began, then at its expiry, then every five minutes until the platform has spoken.
POLL_DELAYS_MINUTES = (1, 2, 5, 10, 20)
POLL_INTERVAL = timedelta(minutes=5)
# A platform that did not answer is left alone this long.
UNREACHABLE_BACKOFF = timedelta(minutes=1)


def poll_platforms(*, limit: int = 200, max_seconds: float = 20.0) -> int:
    """One sweep; how many rows were looked at. Several at once do no harm. Raises when the database is gone."""
    share = max_seconds / 3
    looked = (
        _ask_after_restore(limit, share)
        + _ask_about_payments(limit, share)
        + _expire_orders(limit, share)
        + _carry_out_refunds(limit, share)
    )
    flag_overdue(limit=limit)
    drop_unanswered(limit=limit)
    return looked


def _ask_about_payments(limit: int, max_seconds: float) -> int:
    end, looked = time.monotonic() + max_seconds, 0
    for payment in _due_payments(limit):
        if time.monotonic() > end:
            break
        if _claim_payment(payment):
            looked += 1
            if not _isolate_failure(payment.out_trade_no, partial(_poll_payment, payment)):
                _postpone_platform(payment.account)
    return looked


def _ask_after_restore(limit: int, max_seconds: float) -> int:
    """Orders of a restored copy, before any of them may end or be paid anew."""
    mark = RestoreMark.objects.newest()
    if mark is None:
        return 0
    end, looked = time.monotonic() + max_seconds, 0
    # In no fixed order: those whose platform does not answer keep no others waiting.
    for order in mark.unasked_orders().select_related("store").order_by("?")[:limit]:
        if time.monotonic() > end:
            break
        looked += 1
        _isolate_failure(order.order_no, partial(find_lost_payments, order))
    return looked


def _expire_orders(limit: int, max_seconds: float) -> int:
    if not is_clock_right():
        return 0
    end, looked = time.monotonic() + max_seconds, 0
    orders = _overdue_orders(limit)
    while orders and looked < limit and time.monotonic() <= end:
        order = orders.pop(0)
        looked += 1
        unfinished = order.payments.unfinished().select_related("account")
        accounts = [payment.account for payment in unfinished]
        work = partial(close_order, order, BY_SWEEP, to=Order.State.EXPIRED)
        if not _isolate_failure(order.order_no, work):
            for account in accounts:
                _postpone_platform(account)
            orders = _overdue_orders(limit)
    return looked


def _carry_out_refunds(limit: int, max_seconds: float) -> int:
    end, looked = time.monotonic() + max_seconds, 0
    due = Refund.objects.unfinished().filter(next_at__lte=due_moment())
    for refund in _in_turns(due.select_related("payment__account"), "partner", "next_at")[:limit]:
        if time.monotonic() > end:
            break
        looked += 1
        if not _isolate_failure(refund.out_refund_no, partial(take_step, refund)):
            _postpone_platform(refund.payment.account)
    return looked


def _postpone_platform(account: WalletAccount) -> None:
    """What is due at a platform that does not answer comes later: nothing of another platform waits behind it."""
    now = clock.now()
    accounts = WalletAccount.objects.filter(wallet=account.wallet, environment=account.environment)
    payments = Payment.objects.unfinished().filter(account__in=accounts)
    failing_since = Coalesce("failing_since", Value(now, MomentField()))
    due = payments.filter(next_query_at__lte=now)
    due.update(next_query_at=now + UNREACHABLE_BACKOFF, failing_since=failing_since)
    overdue = payments.filter(order__state=Order.State.PENDING, order__expires_at__lte=now)
    overdue.exclude(state=Payment.State.CLOSING).update(
        state=Payment.State.CLOSING, next_query_at=now + UNREACHABLE_BACKOFF
    )
    refunds = Refund.objects.unfinished().filter(payment__account__in=accounts)
    due_refunds = refunds.filter(next_at__lte=due_moment())
    due_refunds.update(next_at=database_now() + UNREACHABLE_BACKOFF, failing_since=failing_since)


def _isolate_failure(number: str, work: Callable[[], object]) -> bool:
    """One row's trouble is its own. False: the platform did not answer. Raises when the database is gone."""
    try:
        work()
    except (PlatformUnreachable, PlatformTimeout) as error:
        logger.warning("%s: the platform does not answer: %s", number, error)
        return False
    except ScanForPayError as error:
        logger.warning("%s: %s", number, error)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("%s could not be worked on", number)
    return True


def next_poll_delay(payment: Payment) -> timedelta | None:
    """How long after creation the step after this one comes; None past the ladder."""
    step = payment.query_count + 1
    return timedelta(minutes=POLL_DELAYS_MINUTES[step]) if step < len(POLL_DELAYS_MINUTES) else None


def _in_turns(rows: "QuerySet[Any]", partner: str, due: str) -> "QuerySet[Any]":
    """The first of each partner, then the second of each: hundreds of one partner's do not hold up another's."""
    turn = Window(RowNumber(), partition_by=F(partner), order_by=F(due).asc())
    taking_turns: QuerySet[Any] = rows.annotate(turn=turn).order_by("turn", due)
    return taking_turns


def _due_payments(limit: int) -> list[Payment]:
    due = Payment.objects.unfinished().filter(next_query_at__lte=due_moment())
    return list(_in_turns(due.select_related("account", "order"), "order__partner", "next_query_at")[:limit])


def _claim_payment(payment: Payment) -> bool:
    """Move the row's next step first: of several sweeps one goes on with it."""
    now = clock.now()
    after = next_poll_delay(payment)
    following = (
        payment.created_at + after if after is not None else max(payment.expires_at, now + POLL_INTERVAL)
    )
    if payment.order.entry == Order.Entry.BARCODE:
        following = now + BARCODE_POLL_INTERVAL
    elif payment.state == Payment.State.CLOSING or following <= now:
        following = now + POLL_INTERVAL
    mine = Payment.objects.unfinished().filter(pk=payment.pk, next_query_at=payment.next_query_at)
    return bool(mine.update(next_query_at=following, query_count=payment.query_count + 1))


def _poll_payment(payment: Payment) -> None:
    if payment.state == Payment.State.CLOSING:
        close_payment(payment)
    elif payment.order.entry == Order.Entry.BARCODE:
        # One at a time: see reverse_barcode.
        query_payment_throttled(payment, BY_SWEEP)
    else:
        query_payment(payment, BY_SWEEP)


def _overdue_orders(limit: int) -> list[Order]:
    """Orders whose time is up, without those that wait for an attempt to be asked about, again or after a restore."""
    closing = Payment.objects.filter(order=OuterRef("pk"), state=Payment.State.CLOSING)
    waits = closing.filter(next_query_at__gt=database_now())
    overdue = Order.objects.filter(state=Order.State.PENDING, expires_at__lte=due_moment())
    mark = RestoreMark.objects.newest()
    if mark is not None:
        # Asked about first, in their own turn: an order whose platform does not answer cannot end.
        overdue = overdue.exclude(pk__in=mark.unasked_orders().values("pk"))
    return list(_in_turns(overdue.filter(~Exists(waits)), "partner", "expires_at")[:limit])
