"""What may be refunded: the platform's limits, and never more than was paid."""

from datetime import datetime, timedelta

from django.db.models import F, QuerySet
from django.utils import timezone

from scanforpay_django.exceptions import AccountMissing, InvalidOrderState, RefundTooLarge, WalletDisabled
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.models import Payment, Refund
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
    if payment.paid_at and timezone.now() > payment.paid_at + timedelta(days=limits.refund_days):
        raise InvalidOrderState("the payment is too old to be refunded")
    if payment.refunds.exclude(state=Refund.State.FAILED).count() >= (limits.max_refunds or MAX_REFUNDS):
        raise InvalidOrderState("the payment has been refunded as often as its platform allows")


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
        return timezone.now()
    is_queued = last.state == Refund.State.QUEUED and last.next_at
    submitted_at = last.next_at if is_queued else last.sent_at or last.created_at
    return max(timezone.now(), (submitted_at or last.created_at) + interval)


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
