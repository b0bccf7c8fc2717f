"""What may be refunded: the platform's limits, and never more than was paid."""

from datetime import datetime, timedelta

from django.db.models import F, QuerySet, Sum

from scanforpay_django import clock
from scanforpay_django.exceptions import AccountMissing, InvalidOrderState, RefundTooLarge, WalletDisabled
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.models import Order, Payment, Refund
from scanforpay_django.models.derived_numbers import derive_own_refund_no

#: for platforms that publish no number
MAX_REFUNDS = 50


def check_refundable(payment: Payment) -> None:
    """Whether the platform takes a refund of this payment now. Raises InvalidOrderState, WalletDisabled."""
    try:
        backend = configure(payment.account).backend
    except AccountMissing as error:
        raise WalletDisabled(wallet=payment.wallet) from error
    if not backend.can_refund:
        raise WalletDisabled(wallet=payment.wallet)
    limits = backend.limits
    if payment.paid_at and clock.now() > payment.paid_at + timedelta(days=limits.refund_days):
        raise InvalidOrderState("the payment is too old to be refunded")
    if payment.refunds.exclude(state=Refund.State.FAILED).count() >= (limits.max_refunds or MAX_REFUNDS):
        raise InvalidOrderState("the payment has been refunded as often as its platform allows")


def sum_staff_refunds(order: Order) -> int:
    """What staff have refunded of the order, and what of it is under way: minor units of the order's currency.

    A payment of another currency is not applied, and its refund is no part of this sum.
    """
    asked = order.refunds.filter(source=Refund.Source.STAFF, currency=order.currency)
    asked = asked.exclude(state=Refund.State.FAILED)
    return asked.aggregate(total=Sum("amount"))["total"] or 0


def check_staff_limit(order: Order, amount: int, limit: int | None) -> None:
    """Whether staff may refund so much more. Call under the order's lock. Raises RefundTooLarge."""
    if limit is not None and sum_staff_refunds(order) + amount > limit:
        raise RefundTooLarge("above the store's limit for staff")


def reserve(payment: Payment, amount: int) -> None:
    """Set an amount aside on the payment before it is refunded: by one conditional write, so that what was refunded and
    what is reserved never exceed what was paid. Raises RefundTooLarge.
    """
    available = Payment.objects.filter(
        pk=payment.pk, paid_amount__gte=F("refunded_amount") + F("reserved_amount") + amount
    )
    if not available.update(reserved_amount=F("reserved_amount") + amount):
        raise RefundTooLarge


def earliest_submission(payment: Payment) -> datetime:
    """When the platform takes the next refund of this payment."""
    interval = timedelta(seconds=configure(payment.account).backend.limits.refund_interval_seconds)
    last = payment.refunds.exclude(state=Refund.State.FAILED).order_by("-next_at", "-created_at").first()
    if last is None or not interval:
        return clock.now()
    is_queued = last.state == Refund.State.QUEUED and last.next_at
    submitted_at = last.next_at if is_queued else last.sent_at or last.created_at
    return max(clock.now(), (submitted_at or last.created_at) + interval)


def next_own_refund_no(payment: Payment, kind: str) -> str:
    """Our number of the next refund that no merchant asked for. Call under the order's lock.

    A number may be taken: after a restore the platform spoke of a refund whose row was lost.
    """
    ordinal = own_refunds(payment, kind).count() + 1
    while Refund.objects.filter(
        out_refund_no=derive_own_refund_no(kind, payment.out_trade_no, ordinal)
    ).exists():
        ordinal += 1
    return derive_own_refund_no(kind, payment.out_trade_no, ordinal)


def own_refunds(payment: Payment, kind: str) -> "QuerySet[Refund]":
    """The payment's refunds that no merchant asked for: staff's, or automatic."""
    return payment.refunds.filter(refund_no="", kind=kind).exclude(source=Refund.Source.PLATFORM)
