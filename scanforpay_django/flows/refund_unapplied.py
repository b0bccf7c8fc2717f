"""Refund payments that were not applied: a duplicate, a late one, one of another amount."""

from django.db import transaction

from scanforpay_django.exceptions import InvalidOrderState
from scanforpay_django.flows.refund_rules import check_refundable, reserve
from scanforpay_django.models import Order, OrderEvent, Payment, Refund
from scanforpay_django.models.locks import lock_order_and_payment


def unapplied_kind(order: Order, payment: Payment) -> str:
    """Why the payment was not applied."""
    if (payment.paid_amount, payment.paid_currency) != (order.amount, order.currency):
        return Refund.Kind.MISMATCH
    if order.state in (Order.State.PAID, Order.State.REFUNDED):
        return Refund.Kind.DUPLICATE
    return Refund.Kind.LATE


def refund_unapplied(payment: Payment, *, actor: str, reason: str = "") -> Refund:
    """Refund all that is left of an unapplied payment; staff do this in one step.

    Raises InvalidOrderState (the payment is applied to its order, or nothing is left) and WalletDisabled.
    ``flows.carry_out_refund`` then submits the refund.
    """
    with transaction.atomic():
        order, locked = lock_order_and_payment(payment)
        if locked.state != Payment.State.PAID or locked.is_applied:
            raise InvalidOrderState("the payment is not unapplied")
        check_refundable(locked)
        return create_unapplied_refund(order, locked, source=Refund.Source.STAFF, actor=actor, reason=reason)


def create_unapplied_refund(
    order: Order, payment: Payment, *, source: str, actor: str = "", reason: str = ""
) -> Refund:
    """The refund's row for all that is left. Call under the locks of order and payment. Raises InvalidOrderState."""
    left = (payment.paid_amount or 0) - payment.refunded_amount - payment.reserved_amount
    if left <= 0:
        raise InvalidOrderState("nothing is left to give back")
    reserve(payment, left)
    refund = Refund.objects.create(
        partner_id=order.partner_id,
        order=order,
        payment=payment,
        kind=unapplied_kind(order, payment),
        source=source,
        actor=actor,
        reason=reason,
        amount=left,
        currency=payment.paid_currency,
    )
    record_refund_requested(order, refund)
    return refund


def record_refund_requested(order: Order, refund: Refund, *, request_id: str = "") -> None:
    """The order's timeline tells of every wish for a refund."""
    source = {
        Refund.Source.API: OrderEvent.Source.API,
        Refund.Source.STAFF: OrderEvent.Source.STAFF,
    }.get(Refund.Source(refund.source), OrderEvent.Source.RULE)
    OrderEvent.record(
        order,
        order.state,
        order.state,
        source=source,
        actor=refund.actor,
        request_id=request_id,
        data={
            "refund": refund.out_refund_no,
            "refund_no": refund.refund_no,
            "amount": refund.amount,
            "kind": refund.kind,
            "state": refund.state,
        },
    )
