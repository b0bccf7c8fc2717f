"""Write down what a platform says of a refund, once, under the locks of order, payment and refund."""

import logging
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from scanforpay_django import signals
from scanforpay_django.flows.raise_flag import raise_flag
from scanforpay_django.merchant_notify.outbox import enqueue_refund
from scanforpay_django.models import Cause, Flag, Order, Payment, Refund
from scanforpay_django.models.locks import lock_order, lock_payment, lock_refund
from scanforpay_django.wallets.base import RefundResult, RefundState

logger = logging.getLogger(__name__)

# Seconds until the next look, by number of looks; then every hour.
POLL_DELAYS = (2, 5, 15, 60, 300, 1800)
LAST_POLL_DELAY = 3600
GOING_ON = {
    RefundState.PROCESSING: Refund.State.PROCESSING,
    RefundState.PAYER_UNREACHABLE: Refund.State.PAYER_UNREACHABLE,
}
OTHER_AMOUNT = "another amount"


def unchanged_refund(refund: Refund) -> "QuerySet[Refund]":
    """Its row, if it still is the same try and nothing is final."""
    return Refund.objects.unfinished().filter(pk=refund.pk, out_refund_no=refund.out_refund_no)


def schedule_next_poll(refund: Refund, state: str, code: str = "") -> None:
    """The next look comes later each time."""
    seconds = (
        POLL_DELAYS[refund.step_count - 1] if 0 < refund.step_count <= len(POLL_DELAYS) else LAST_POLL_DELAY
    )
    unchanged_refund(refund).update(
        state=state, next_at=timezone.now() + timedelta(seconds=seconds), platform_code=code[:64]
    )


def record_refund_result(refund: Refund, result: RefundResult, cause: Cause) -> None:
    """What the platform says of a refund, verified; under the locks of order, payment and refund."""
    with transaction.atomic():
        order, payment = lock_order(refund.order_id), lock_payment(refund.payment_id)
        locked = lock_refund(refund.pk)
        if locked.state == Refund.State.SUCCEEDED or result.out_refund_no != locked.out_refund_no:
            return
        if result.state is RefundState.SUCCEEDED and result.amount not in (None, locked.amount):
            logger.error("refund %s: the platform tells another amount", locked.out_refund_no)
            schedule_next_poll(locked, Refund.State.UNKNOWN, OTHER_AMOUNT)
        elif result.state is RefundState.SUCCEEDED:
            record_refunded(order, payment, locked, result, cause)
        elif result.state is RefundState.CLOSED:
            _record_failed(order, payment, locked, result, cause)
        elif not locked.is_final():
            if (
                result.state is RefundState.PAYER_UNREACHABLE
                and locked.state != Refund.State.PAYER_UNREACHABLE
            ):
                details = {"refund": locked.out_refund_no, "amount": locked.amount}
                raise_flag(order, Flag.Kind.REFUND_STUCK, details, cause)
            schedule_next_poll(locked, GOING_ON.get(result.state, locked.state), result.platform_state)


def record_refunded(
    order: Order, payment: Payment, refund: Refund, result: RefundResult, cause: Cause
) -> None:
    """Record that the money was refunded. Call under the locks of order, payment and refund."""
    was_failed = refund.state == Refund.State.FAILED
    refund.state, refund.finished_at, refund.next_at = Refund.State.SUCCEEDED, timezone.now(), None
    refund.refund_id, refund.platform_code = result.refund_id, result.platform_state[:64]
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
    transaction.on_commit(partial(signals.order_refunded.send_robust, Order, order=order), robust=True)


def _record_failed(
    order: Order, payment: Payment, refund: Refund, result: RefundResult, cause: Cause
) -> None:
    """Nothing goes on: what was reserved is free again."""
    if refund.state == Refund.State.FAILED:
        return
    refund.state, refund.finished_at, refund.next_at = Refund.State.FAILED, timezone.now(), None
    refund.platform_code = result.platform_state[:64]
    refund.save()
    payment.reserved_amount -= refund.amount
    payment.save(update_fields=["reserved_amount"])
    order.record_event(cause, refund.event_data())
