"""Refund payments that were not applied: a duplicate, a late one, one of another amount."""

from scanforpay_django.exceptions import InvalidOrderState
from scanforpay_django.flows.refund_rules import (
    check_refundable,
    check_staff_limit,
    next_own_refund_no,
    reserve,
)
from scanforpay_django.models import Cause, Order, Payment, Refund
from scanforpay_django.models.database import atomic
from scanforpay_django.models.locks import lock_order_and_payment


def unapplied_kind(order: Order, payment: Payment) -> str:
    """Why the payment was not applied."""
    if (payment.paid_amount, payment.paid_currency) != (order.amount, order.currency):
        return Refund.Kind.MISMATCH
    if order.state in (Order.State.PAID, Order.State.REFUNDED):
        return Refund.Kind.DUPLICATE
    return Refund.Kind.LATE


def refund_unapplied(
    payment: Payment, cause: Cause, *, reason: str = "", staff_limit: int | None = None
) -> Refund:
    """Refund all that is left of an unapplied payment; staff do this in one step.

    ``staff_limit`` is what staff may refund of the order in all, in minor units; None: no limit. Raises
    InvalidOrderState (the payment is applied to its order, or nothing is left), RefundTooLarge (above the limit) and
    WalletDisabled.
    ``flows.carry_out_refund`` then submits the refund.
    """
    with atomic():
        order, locked = lock_order_and_payment(payment)
        if locked.state != Payment.State.PAID or locked.is_applied:
            raise InvalidOrderState("the payment is not unapplied")
        check_refundable(locked)
        check_staff_limit(order, _left(locked), staff_limit)
        return create_unapplied_refund(order, locked, cause, reason=reason)


def create_unapplied_refund(order: Order, payment: Payment, cause: Cause, *, reason: str = "") -> Refund:
    """The refund's row for all that is left. Call under the locks of order and payment. Raises InvalidOrderState."""
    left = _left(payment)
    if left <= 0:
        raise InvalidOrderState("nothing is left to refund")
    reserve(payment, left)
    kind = unapplied_kind(order, payment)
    refund = Refund.objects.create(
        partner_id=order.partner_id,
        order=order,
        payment=payment,
        out_refund_no=next_own_refund_no(payment, kind),
        kind=kind,
        source=Refund.Source(cause.source),
        actor=cause.actor,
        reason=reason,
        amount=left,
        currency=payment.paid_currency,
    )
    order.record_event(cause, refund.request_data())
    return refund


def _left(payment: Payment) -> int:
    return (payment.paid_amount or 0) - payment.refunded_amount - payment.reserved_amount
