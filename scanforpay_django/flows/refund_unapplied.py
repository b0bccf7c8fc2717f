"""Give back money that settles nothing: a second payment, a late one, one of another amount."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from scanforpay_django.exceptions import RefundTooLarge, StateForbids, WalletDisabled
from scanforpay_django.models import Order, OrderEvent, Payment, Refund
from scanforpay_django.wallets.registry import wallet_class

#: a platform's limits, kept for all: refunds a payment may have, and how long after it
MOST_REFUNDS = 50
LONGEST = timedelta(days=365)


def check_refundable(payment: Payment) -> None:
    """Whether the platform takes a refund of this payment now. Raises StateForbids, WalletDisabled."""
    backend = wallet_class(payment.account.wallet)
    if backend is None or not backend.can_refund:
        raise WalletDisabled(wallet=payment.wallet)
    if payment.paid_at and timezone.now() > payment.paid_at + LONGEST:
        raise StateForbids("the payment is older than a year")
    if payment.refunds.exclude(state=Refund.State.FAILED).count() >= MOST_REFUNDS:
        raise StateForbids("the payment has been refunded fifty times")


def reserve(payment: Payment, amount: int) -> None:
    """The sum of what went back and what is on its way never exceeds what was paid. Raises RefundTooLarge."""
    fits = Payment.objects.filter(
        pk=payment.pk, paid_amount__gte=F("refunded_amount") + F("reserved_amount") + amount
    )
    if not fits.update(reserved_amount=F("reserved_amount") + amount):
        raise RefundTooLarge


def kind_of(order: Order, payment: Payment) -> str:
    """Why this money settles nothing."""
    if (payment.paid_amount, payment.paid_currency) != (order.amount, order.currency):
        return Refund.Kind.MISMATCH
    if order.state in (Order.State.PAID, Order.State.REFUNDED):
        return Refund.Kind.SURPLUS
    return Refund.Kind.LATE


def return_surplus(payment: Payment, *, actor: str, reason: str = "") -> Refund:
    """Staff's one step: all that is left of a payment that settles nothing goes back.

    Raises StateForbids (it settles its order, or nothing is left), WalletDisabled. The refund is then to be carried
    out by ``flows.carry_out_refund``.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update(of=("self",)).get(pk=payment.order_id)
        locked = Payment.objects.select_for_update(of=("self",)).select_related("account").get(pk=payment.pk)
        if locked.state != Payment.State.PAID or locked.is_settling:
            raise StateForbids("the payment is not surplus")
        check_refundable(locked)
        return give_back(order, locked, source=Refund.Source.STAFF, actor=actor, reason=reason)


def give_back(order: Order, payment: Payment, *, source: str, actor: str = "", reason: str = "") -> Refund:
    """The refund's row for all that is left. Call under the locks of order and payment. Raises StateForbids."""
    left = (payment.paid_amount or 0) - payment.refunded_amount - payment.reserved_amount
    if left <= 0:
        raise StateForbids("nothing is left to give back")
    reserve(payment, left)
    refund = Refund.objects.create(
        partner_id=order.partner_id,
        order=order,
        payment=payment,
        kind=kind_of(order, payment),
        source=source,
        actor=actor,
        reason=reason,
        amount=left,
        currency=payment.paid_currency,
    )
    note_asked(order, refund)
    return refund


def note_asked(order: Order, refund: Refund, *, request_id: str = "") -> None:
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
