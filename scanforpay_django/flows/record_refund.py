"""Write down what a platform says of a refund, once, under the locks of order, payment and refund."""

import logging
from datetime import timedelta
from functools import partial
from typing import Any

from django.db.models import QuerySet

from scanforpay_django import clock, handlers, signals
from scanforpay_django.exceptions import InvalidOrderState
from scanforpay_django.flows.call_handlers import enqueue_handler_calls
from scanforpay_django.flows.plausible import check_refund_result
from scanforpay_django.flows.raise_flag import raise_flag, raise_flag_once
from scanforpay_django.merchant_notify.outbox import enqueue_refund
from scanforpay_django.models import Cause, Flag, Order, Payment, Refund
from scanforpay_django.models.database import atomic, on_commit
from scanforpay_django.models.locks import lock_order, lock_payment, lock_refund
from scanforpay_django.models.moments import database_now
from scanforpay_django.wallets.base import RefundResult, RefundState
from scanforpay_django.wallets.platform_text import storable

logger = logging.getLogger(__name__)

# Seconds until the next look, by number of looks; then every hour.
POLL_DELAYS = (2, 5, 15, 60, 300, 1800)
LAST_POLL_DELAY = 3600
GOING_ON = {
    RefundState.PROCESSING: Refund.State.PROCESSING,
    RefundState.PAYER_UNREACHABLE: Refund.State.PAYER_UNREACHABLE,
}
OTHER_AMOUNT = "another amount"
#: the code of a refund that was ended before anything was sent
WITHDRAWN = "withdrawn"


def leased_refund(refund: Refund) -> "QuerySet[Refund]":
    """Its row, if it still is the same try under the same lease as ``refund`` and is not final."""
    return Refund.objects.unfinished().filter(
        pk=refund.pk, out_refund_no=refund.out_refund_no, lease_token=refund.lease_token
    )


def schedule_next_poll(refund: Refund, state: str, code: str = "", *, failing_since: Any = None) -> None:
    """End the step: the next look comes later each time. A lease that was lost writes nothing."""
    seconds = (
        POLL_DELAYS[refund.step_count - 1] if 0 < refund.step_count <= len(POLL_DELAYS) else LAST_POLL_DELAY
    )
    leased_refund(refund).update(
        state=state,
        next_at=database_now() + timedelta(seconds=seconds),
        lease_token="",
        platform_code=storable(code, 64),
        failing_since=failing_since,
    )


def record_refund_result(
    refund: Refund, result: RefundResult, cause: Cause, *, lease: str | None = None
) -> None:
    """What the platform says of a refund, verified; under the locks of order, payment and refund.

    ``lease`` is the token of the step that asked; a step that has lost it writes nothing, since another process goes on
    with the refund. None: a notification, believed whichever process has the lease. Raises PlatformValueInvalid.
    """
    check_refund_result(result)
    with atomic():
        order, payment = lock_order(refund.order_id), lock_payment(refund.payment_id)
        locked = lock_refund(refund.pk)
        if locked.state == Refund.State.SUCCEEDED or result.out_refund_no != locked.out_refund_no:
            return
        if lease is not None and locked.lease_token != lease:
            logger.warning("refund %s: the lease was lost; another process goes on", locked.out_refund_no)
        elif result.state is RefundState.SUCCEEDED and result.amount not in (None, locked.amount):
            _record_other_amount(order, locked, result, cause)
        elif result.state is RefundState.SUCCEEDED:
            record_refunded(order, payment, locked, result, cause)
        elif result.state is RefundState.CLOSED:
            _record_failed(order, payment, locked, result, cause)
        elif not locked.is_final():
            _record_progress(order, locked, result, cause, is_step=lease is not None)


def _record_other_amount(order: Order, refund: Refund, result: RefundResult, cause: Cause) -> None:
    """Neither amount is believed: staff compare the platform's console with the order."""
    if refund.is_final():
        # It had failed and its amount is free: nothing goes on, and no flag about what goes on would stay.
        raise_flag_once(
            order, Flag.Kind.OVER_REFUNDED, {**refund.event_data(), "amount": result.amount}, cause
        )
        return
    logger.error("refund %s: the platform reports another amount", refund.out_refund_no)
    details = {"refund": refund.out_refund_no, "amount": result.amount, "why": OTHER_AMOUNT}
    raise_flag(order, Flag.Kind.REFUND_OVERDUE, details, cause)
    schedule_next_poll(refund, Refund.State.UNKNOWN, OTHER_AMOUNT, failing_since=clock.now())


def _record_progress(
    order: Order, refund: Refund, result: RefundResult, cause: Cause, *, is_step: bool
) -> None:
    state = GOING_ON.get(result.state, refund.state)
    if state == Refund.State.PAYER_UNREACHABLE != refund.state:
        details = {"refund": refund.out_refund_no, "amount": refund.amount}
        raise_flag(order, Flag.Kind.REFUND_STUCK, details, cause)
    if is_step or not refund.lease_token:
        schedule_next_poll(refund, state, result.platform_state)
    else:
        # A step is being taken: it plans the next one.
        leased_refund(refund).update(state=state, platform_code=storable(result.platform_state, 64))


def record_refunded(
    order: Order, payment: Payment, refund: Refund, result: RefundResult, cause: Cause
) -> None:
    """Record that the money was refunded. Call under the locks of order, payment and refund."""
    was_failed = refund.state == Refund.State.FAILED
    refund.state, refund.finished_at, refund.next_at = Refund.State.SUCCEEDED, clock.now(), None
    refund.refund_id, refund.platform_code = result.refund_id, storable(result.platform_state, 64)
    refund.lease_token, refund.failing_since = "", None
    refund.save()
    details = refund.event_data()
    reserved = 0 if was_failed else refund.amount
    free = (payment.paid_amount or 0) - payment.refunded_amount - payment.reserved_amount + reserved
    if refund.amount > free:
        # It had failed and its amount was promised anew: more was refunded than was meant to be.
        raise_flag(order, Flag.Kind.OVER_REFUNDED, details, cause)
        return
    payment.refunded_amount += refund.amount
    payment.reserved_amount -= reserved
    payment.save(update_fields=["refunded_amount", "reserved_amount"])
    if refund.kind == Refund.Kind.ORDER:
        _move_order(order, refund, cause)
        enqueue_refund(refund)
    else:
        order.record_event(cause, details)


def _move_order(order: Order, refund: Refund, cause: Cause) -> None:
    refunded, details = order.refunded_amount + refund.amount, refund.event_data()
    if refunded == order.amount and order.state == Order.State.PAID:
        order.move(Order.State.REFUNDED, cause, data=details, refunded_amount=refunded)
    else:
        Order.objects.filter(pk=order.pk).update(refunded_amount=refunded)
        order.refunded_amount = refunded
        order.record_event(cause, details)
    enqueue_handler_calls(order, handlers.ON_REFUNDED, refund.out_refund_no)
    on_commit(partial(signals.order_refunded.send_robust, Order, order=order), robust=True)


def _record_failed(
    order: Order, payment: Payment, refund: Refund, result: RefundResult, cause: Cause
) -> None:
    """Nothing goes on: what was reserved is free again."""
    if refund.state == Refund.State.FAILED:
        return
    refund.state, refund.finished_at, refund.next_at = Refund.State.FAILED, clock.now(), None
    refund.platform_code = storable(result.platform_state, 64)
    refund.lease_token, refund.failing_since = "", None
    refund.save()
    payment.reserved_amount -= refund.amount
    payment.save(update_fields=["reserved_amount"])
    order.record_event(cause, refund.event_data())


def withdraw_refund(order: Order, payment: Payment, refund: Refund, cause: Cause) -> None:
    """End a refund that has not begun. Call under the locks of order, payment and refund. Raises InvalidOrderState
    when a process has taken it meanwhile: a lease is taken without the order's lock.
    """
    waits = Refund.objects.filter(
        pk=refund.pk,
        state__in=(Refund.State.QUEUED, Refund.State.REQUESTED),
        sent_at=None,
        lease_token="",
        step_count=0,
    )
    now = clock.now()
    if not waits.update(
        state=Refund.State.FAILED, finished_at=now, next_at=None, platform_code=WITHDRAWN, failing_since=None
    ):
        raise InvalidOrderState("the refund has begun")
    refund.refresh_from_db()
    payment.reserved_amount -= refund.amount
    payment.save(update_fields=["reserved_amount"])
    order.record_event(cause, refund.event_data())
