"""Make an order paid, once. Every platform message and every answer to a query ends here."""

import enum
import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from scanforpay_django import signals
from scanforpay_django.exceptions import NotProven, StateForbids, WalletDisabled
from scanforpay_django.flows.import_platform_refund import take_over_sum
from scanforpay_django.flows.raise_flag import raise_attention
from scanforpay_django.flows.refund_unapplied import check_refundable, give_back
from scanforpay_django.merchant_notify.outbox import enqueue
from scanforpay_django.models import Attention, Order, Payment, Refund, Store
from scanforpay_django.wallets.base import PaymentResult, TradeState

logger = logging.getLogger(__name__)


class Settlement(enum.StrEnum):
    """What a result came to."""

    SETTLED = "settled"
    ALREADY = "already"
    SURPLUS = "surplus"
    LATE = "late"
    MISMATCH = "mismatch"
    CLOSED = "closed"
    NOTHING = "nothing"
    # "paid" without an amount: nothing is written, the platform is asked again
    INCOMPLETE = "incomplete"


def settle(payment: Payment, result: PaymentResult, *, source: str, request_id: str = "") -> Settlement:
    """Believe a proven result of this payment's own account. Duplicates and races come to ALREADY.

    The order's row is locked, then the payment's; what is decided is written with its event and outbox row.
    """
    if result.out_trade_no != payment.out_trade_no:
        raise NotProven("the message is of another payment")
    if result.state not in (TradeState.PAID, TradeState.CLOSED):
        return Settlement.NOTHING
    with transaction.atomic():
        order = (
            Order.objects.select_for_update(of=("self",))
            .select_related("partner", "store")
            .get(pk=payment.order_id)
        )
        locked = Payment.objects.select_for_update().get(pk=payment.pk)
        # A barcode's payment that went back at once was undone: nobody was told of it.
        was_undone = (
            result.is_returned and order.entry == Order.Entry.BARCODE and locked.state != Payment.State.PAID
        )
        if result.state is TradeState.CLOSED or was_undone:
            return _record_closed(locked)
        if locked.state == Payment.State.PAID:
            take_over_sum(order, locked, result, source=source, request_id=request_id)
            return Settlement.ALREADY
        if result.amount is None:
            logger.error("payment %s is said to be paid, without an amount", payment.out_trade_no)
            return Settlement.INCOMPLETE
        _check_number(locked, result)
        settlement = _decide(order, locked, result, source=source, request_id=request_id)
        take_over_sum(order, locked, result, source=source, request_id=request_id)
        return settlement


def _check_number(payment: Payment, result: PaymentResult) -> None:
    """One trade at the platform pays one payment of ours."""
    same = Payment.objects.filter(account_id=payment.account_id, trade_no=result.trade_no).exclude(
        pk=payment.pk
    )
    if result.trade_no and same.exists():
        raise NotProven("the platform's number belongs to another payment")


def _record_closed(payment: Payment) -> Settlement:
    """The platform's signed word that nobody can pay this any more."""
    if payment.state not in Payment.UNFINISHED:
        return Settlement.NOTHING
    Payment.objects.filter(pk=payment.pk).update(state=Payment.State.CLOSED, next_query_at=None)
    return Settlement.CLOSED


def _decide(
    order: Order, payment: Payment, result: PaymentResult, *, source: str, request_id: str
) -> Settlement:
    fits = result.amount == payment.amount and (result.currency or payment.currency) == payment.currency
    fits = fits and payment.amount == order.amount and payment.currency == order.currency
    details = {"out_trade_no": payment.out_trade_no, "trade_no": result.trade_no, "amount": result.amount}
    settling = fits and (order.state == Order.State.PENDING or _accepts_late(order))
    _record_paid(payment, result, settling=settling, surplus=not settling)
    if settling:
        order.move(
            Order.State.PAID,
            source=source,
            request_id=request_id,
            data={**details, "currency": payment.currency},
            paid_at=result.paid_at or timezone.now(),
        )
        _close_siblings(order, payment)
        enqueue(order, buyer=payment.buyer, buyer_id=payment.payer_id)
        transaction.on_commit(lambda: signals.order_paid.send_robust(Order, order=order), robust=True)
        return Settlement.SETTLED
    flag, settlement = _why_not(order, fits=fits)
    raise_attention(
        order,
        flag,
        {**details, "currency": result.currency or payment.currency},
        source=source,
        request_id=request_id,
    )
    if _goes_back_by_itself(order, settlement) and not result.is_returned:
        _give_back(order, payment)
    return settlement


def _goes_back_by_itself(order: Order, settlement: Settlement) -> bool:
    """As the store wants it; another amount than was asked for is looked at by a person first."""
    if settlement is Settlement.LATE:
        return order.store.late_payment != Store.LatePayment.KEEP
    return settlement is Settlement.SURPLUS and order.store.surplus_payment == Store.SurplusPayment.REFUND


def _give_back(order: Order, payment: Payment) -> None:
    """Money that settles nothing goes back in full; the sweep carries it out. Where that cannot be, the flag stays."""
    try:
        check_refundable(payment)
        give_back(order, payment, source=Refund.Source.RULE)
    except (StateForbids, WalletDisabled) as error:
        logger.warning("payment %s does not go back by itself: %s", payment.out_trade_no, error)


def _accepts_late(order: Order) -> bool:
    late = order.state in (Order.State.CLOSED, Order.State.EXPIRED)
    return late and order.store.late_payment == Store.LatePayment.ACCEPT


def _why_not(order: Order, *, fits: bool) -> tuple[str, Settlement]:
    if not fits:
        return Attention.Flag.AMOUNT_MISMATCH, Settlement.MISMATCH
    if order.state in (Order.State.PAID, Order.State.REFUNDED):
        return Attention.Flag.PAID_TWICE, Settlement.SURPLUS
    return Attention.Flag.LATE_PAYMENT, Settlement.LATE


def _record_paid(payment: Payment, result: PaymentResult, *, settling: bool, surplus: bool) -> None:
    """Money is there: written down as it arrived, whatever it settles."""
    payment.state = Payment.State.PAID
    payment.trade_no = result.trade_no
    payment.paid_at = result.paid_at or timezone.now()
    payment.paid_amount = result.amount
    payment.paid_currency = result.currency or payment.currency
    payment.buyer = result.buyer
    payment.is_settling = settling
    payment.is_surplus = surplus
    payment.next_query_at = None
    payment.save()


def _close_siblings(order: Order, settled: Payment) -> None:
    """Other attempts are to be closed at once; the sweep tells the platform."""
    siblings = order.payments.filter(state__in=Payment.UNFINISHED).exclude(pk=settled.pk)
    siblings.update(state=Payment.State.CLOSING, next_query_at=timezone.now() - timedelta(seconds=1))
