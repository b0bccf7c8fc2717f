"""Accept a payment that arrived after its order was closed or had expired: the order becomes paid after all."""

from collections.abc import Collection

from scanforpay_django import clock
from scanforpay_django.exceptions import InvalidOrderState
from scanforpay_django.flows.apply_payment import announce_paid
from scanforpay_django.flows.clear_flag import clear_flags
from scanforpay_django.flows.record_refund import withdraw_refund
from scanforpay_django.models import Cause, Flag, Order, Payment, Refund
from scanforpay_django.models.database import atomic
from scanforpay_django.models.locks import lock_order_and_payment, lock_refund

ENDED = (Order.State.CLOSED, Order.State.EXPIRED)


def may_be_accepted(order: Order, payment: Payment, refunds: Collection[Refund]) -> bool:
    """Whether the payment is late and nothing of it is on its way back. ``refunds``: all of this payment."""
    return (
        order.state in ENDED
        and payment.state == Payment.State.PAID
        and not payment.is_applied
        and (payment.paid_amount, payment.paid_currency) == (order.amount, order.currency)
        and payment.refunded_amount == 0
        and not any(is_begun(one) for one in refunds)
    )


def is_begun(refund: Refund) -> bool:
    """Whether a process has taken a step, or anything was sent: only what merely waits can be withdrawn."""
    waits = refund.state in (Refund.State.QUEUED, Refund.State.REQUESTED)
    return not (
        waits
        and refund.source == Refund.Source.RULE
        and refund.sent_at is None
        and not refund.lease_token
        and refund.step_count == 0
    )


def accept_late_payment(payment: Payment, cause: Cause, *, reason: str = "") -> Order:
    """The order, paid by this payment; merchant and project are notified as of any payment.

    An automatic refund that has not begun is withdrawn; a process that begins it at the same moment wins, and the
    payment stays as it is. Raises InvalidOrderState.
    """
    with atomic():
        order, locked = lock_order_and_payment(payment)
        refunds = [lock_refund(pk) for pk in locked.refunds.order_by("pk").values_list("pk", flat=True)]
        if not may_be_accepted(order, locked, refunds):
            raise InvalidOrderState("the payment cannot be accepted any more")
        for refund in refunds:
            withdraw_refund(order, locked, refund, cause)
        _apply(order, locked, cause, reason)
        return order


def _apply(order: Order, payment: Payment, cause: Cause, reason: str) -> None:
    payment.is_applied, payment.is_unapplied = True, False
    payment.save(update_fields=["is_applied", "is_unapplied"])
    order.record_event(
        cause,
        {
            "act": "accept_late",
            "amount": payment.paid_amount,
            "currency": payment.paid_currency,
            "reason": reason,
        },
    )
    details = {
        "out_trade_no": payment.out_trade_no,
        "trade_no": payment.trade_no,
        "amount": payment.paid_amount,
        "currency": payment.paid_currency,
    }
    is_moved = order.move(
        Order.State.PAID,
        cause,
        data=details,
        wallet=payment.wallet,
        paid_at=payment.paid_at or clock.now(),
    )
    if not is_moved:
        raise InvalidOrderState("the order has changed")
    clear_flags(order, Flag.Kind.LATE_PAYMENT, reason=reason, cause=cause)
    announce_paid(order, payment)
