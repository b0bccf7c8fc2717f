"""Write down that money shall go back: once per wish, never more than was paid."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from scanforpay_django.exceptions import OrderDiffers, RefundTooLarge, StateForbids, WalletDisabled
from scanforpay_django.models import Order, Payment, Refund
from scanforpay_django.models.refund import new_out_refund_no
from scanforpay_django.wallets import wallet_class

# WeChat Pay's limits, kept for all: fifty refunds a payment, within a year.
MOST_REFUNDS = 50
LONGEST = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class RefundWish:
    """What the merchant wants back."""

    refund_no: str
    # minor units
    amount: int
    operator_id: str = ""
    terminal_no: str = ""


def request_refund(order: Order, wish: RefundWish) -> Refund:
    """The refund's row; it is carried out by ``flows.carry_out_refund``. The same wish again is the same refund, and
    one that failed starts anew under a new number at the platform.

    Raises OrderDiffers (the number is taken by another wish), StateForbids, RefundTooLarge, WalletDisabled.
    """
    try:
        with transaction.atomic():
            locked = Order.objects.select_for_update(of=("self",)).select_related("partner").get(pk=order.pk)
            existing = _existing(locked, wish)
            if existing is not None:
                return _start_anew(existing) if existing.state == Refund.State.FAILED else existing
            payment = _refundable(locked, wish)
            _reserve(payment, wish.amount)
            return _new_refund(locked, payment, wish)
    except IntegrityError:
        # Another order's refund took the number at the same moment.
        existing = _existing(order, wish)
        if existing is None:
            raise
        return existing


def _existing(order: Order, wish: RefundWish) -> Refund | None:
    found = Refund.objects.filter(partner_id=order.partner_id, refund_no=wish.refund_no).first()
    if found is not None and (found.order_id, found.amount) != (order.pk, wish.amount):
        raise OrderDiffers
    return found


def _refundable(order: Order, wish: RefundWish) -> Payment:
    if order.state == Order.State.REFUNDED:
        raise RefundTooLarge
    if order.state != Order.State.PAID:
        raise StateForbids(f"the order is {order.state}")
    payment = order.payments.select_related("account").get(is_settling=True)
    backend = wallet_class(payment.account.wallet)
    if backend is None or not backend.can_refund:
        raise WalletDisabled(wallet=order.wallet)
    if payment.paid_at and timezone.now() > payment.paid_at + LONGEST:
        raise StateForbids("the payment is older than a year")
    others = payment.refunds.exclude(state=Refund.State.FAILED)
    if others.count() >= MOST_REFUNDS:
        raise StateForbids("the payment has been refunded fifty times")
    # A published client takes every status but 1 as failed and asks again under a new number.
    if others.filter(amount=wish.amount, state__in=Refund.UNFINISHED).exists():
        raise StateForbids("a refund of this amount is under way")
    return payment


def _reserve(payment: Payment, amount: int) -> None:
    """The sum of what went back and what is on its way never exceeds what was paid. Raises RefundTooLarge."""
    fits = Payment.objects.filter(
        pk=payment.pk, paid_amount__gte=F("refunded_amount") + F("reserved_amount") + amount
    )
    if not fits.update(reserved_amount=F("reserved_amount") + amount):
        raise RefundTooLarge


def _new_refund(order: Order, payment: Payment, wish: RefundWish) -> Refund:
    backend = wallet_class(payment.account.wallet)
    turn = _turn(payment, timedelta(seconds=backend.refund_interval_seconds if backend else 0))
    return Refund.objects.create(
        partner_id=order.partner_id,
        order=order,
        payment=payment,
        refund_no=wish.refund_no,
        amount=wish.amount,
        currency=payment.paid_currency,
        operator_id=wish.operator_id,
        terminal_no=wish.terminal_no,
        state=Refund.State.QUEUED if turn > timezone.now() else Refund.State.CREATED,
        next_at=turn,
    )


def _turn(payment: Payment, interval: timedelta) -> datetime:
    """When the platform takes the next refund of this payment."""
    last = payment.refunds.exclude(state=Refund.State.FAILED).order_by("-next_at", "-created_at").first()
    if last is None or not interval:
        return timezone.now()
    waits = (
        last.next_at
        if last.state == Refund.State.QUEUED and last.next_at
        else last.sent_at or last.created_at
    )
    return max(timezone.now(), waits + interval)


def _start_anew(refund: Refund) -> Refund:
    """WeChat Pay never reopens a closed refund: the same wish goes out under a new number."""
    _reserve(refund.payment, refund.amount)
    refund.out_refund_no, refund.state = new_out_refund_no(), Refund.State.CREATED
    refund.sent_at, refund.finished_at, refund.next_at, refund.try_count = None, None, timezone.now(), 0
    refund.save()
    return refund
