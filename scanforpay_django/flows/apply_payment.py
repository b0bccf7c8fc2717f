"""Make an order paid, once. Every platform message and every answer to a query ends here."""

import enum
import logging

from django.db import IntegrityError

from scanforpay_django import clock, handlers, signals
from scanforpay_django.exceptions import (
    InvalidOrderState,
    PlatformSignatureInvalid,
    PlatformValueInvalid,
    WalletDisabled,
)
from scanforpay_django.flows.call_handlers import enqueue_handler_calls, prepare_handler_calls
from scanforpay_django.flows.import_platform_refund import import_refunded_sum
from scanforpay_django.flows.plausible import check_payment_result
from scanforpay_django.flows.raise_flag import flag_refused_message, raise_flag
from scanforpay_django.flows.refund_rules import check_refundable
from scanforpay_django.flows.refund_unapplied import create_unapplied_refund
from scanforpay_django.merchant_notify.outbox import enqueue
from scanforpay_django.models import Cause, Flag, Order, Payment, Source, Store
from scanforpay_django.models.database import atomic, on_commit
from scanforpay_django.models.locks import lock_order_and_payment
from scanforpay_django.models.settling_queries import record_paid
from scanforpay_django.wallets.base import PaymentResult, TradeState
from scanforpay_django.wallets.platform_text import storable

logger = logging.getLogger(__name__)


class ApplyOutcome(enum.StrEnum):
    """What a result came to."""

    APPLIED = "applied"
    ALREADY_APPLIED = "already_applied"
    DUPLICATE = "duplicate"
    LATE = "late"
    MISMATCH = "mismatch"
    CLOSED = "closed"
    UNCHANGED = "unchanged"
    # it may still be paid, and nothing can be closed: the customer has not got there, or the platform closes by time
    # alone
    NOT_CLOSABLE = "not_closable"
    # "paid" without an amount: nothing is written, the platform is asked again
    INCOMPLETE = "incomplete"


def apply_payment(payment: Payment, result: PaymentResult, cause: Cause) -> ApplyOutcome:
    """Apply a verified result of this payment's own account. Duplicates and races come to ALREADY_APPLIED.

    The order's row is locked, then the payment's; what is decided is written with its event and outbox row. Raises
    PlatformSignatureInvalid (another payment's), PlatformValueInvalid (no payment can have that value; it is flagged).
    """
    if result.out_trade_no != payment.out_trade_no:
        raise PlatformSignatureInvalid("the message is of another payment")
    if result.state not in (TradeState.PAID, TradeState.CLOSED):
        return ApplyOutcome.UNCHANGED
    try:
        with atomic():
            order, locked = lock_order_and_payment(payment)
            return apply_locked(order, locked, result, cause)
    except PlatformValueInvalid as error:
        flag_refused_message(payment, str(error), cause)
        raise
    except IntegrityError:
        check_trade_number(payment, result)
        raise


def apply_locked(order: Order, payment: Payment, result: PaymentResult, cause: Cause) -> ApplyOutcome:
    """The same for rows that are locked, in the transaction that locked them. Raises PlatformValueInvalid, and
    IntegrityError where the platform's number belongs to another payment (``check_trade_number``).
    """
    result = result.in_currency(payment.currency)
    check_payment_result(result)
    # A barcode payment that was returned at once was reversed: the merchant never saw it as paid.
    was_undone = (
        result.is_returned and order.entry == Order.Entry.BARCODE and payment.state != Payment.State.PAID
    )
    if result.state is TradeState.CLOSED or was_undone:
        return _record_closed(payment)
    if payment.state == Payment.State.PAID:
        import_refunded_sum(order, payment, result, cause)
        return ApplyOutcome.ALREADY_APPLIED
    if result.amount is None:
        logger.error("payment %s is said to be paid, without an amount", payment.out_trade_no)
        return ApplyOutcome.INCOMPLETE
    outcome = _decide(order, payment, result, cause)
    import_refunded_sum(order, payment, result, cause)
    return outcome


def check_trade_number(payment: Payment, result: PaymentResult) -> None:
    """One trade at the platform pays one payment of ours. Raises PlatformSignatureInvalid."""
    same = Payment.objects.filter(account_id=payment.account_id, trade_no=result.trade_no).exclude(
        pk=payment.pk
    )
    if result.trade_no and same.exists():
        raise PlatformSignatureInvalid("the platform's number belongs to another payment")


def _record_closed(payment: Payment) -> ApplyOutcome:
    """The platform has confirmed that the payment cannot be paid any more."""
    if not payment.is_unfinished():
        return ApplyOutcome.UNCHANGED
    Payment.objects.filter(pk=payment.pk).update(state=Payment.State.CLOSED, next_query_at=None)
    return ApplyOutcome.CLOSED


def _decide(order: Order, payment: Payment, result: PaymentResult, cause: Cause) -> ApplyOutcome:
    fits = result.amount == payment.amount and (result.currency or payment.currency) == payment.currency
    fits = fits and payment.amount == order.amount and payment.currency == order.currency
    details = {"out_trade_no": payment.out_trade_no, "trade_no": result.trade_no, "amount": result.amount}
    is_applied = fits and (order.state == Order.State.PENDING or _accepts_late(order))
    _record_paid(payment, result, is_applied=is_applied)
    if is_applied:
        order.move(
            Order.State.PAID,
            cause,
            data={**details, "currency": payment.currency},
            # One that any wallet could pay takes the name of the one that did.
            wallet=payment.wallet,
            paid_at=result.paid_at or clock.now(),
        )
        if not result.is_returned:
            announce_paid(order, payment)
        return ApplyOutcome.APPLIED
    flag, outcome = _unapplied_reason(order, fits=fits)
    raise_flag(
        order,
        flag,
        {**details, "currency": result.currency or payment.currency},
        cause,
    )
    if _is_refunded_automatically(order, outcome) and not result.is_returned:
        _refund_automatically(order, payment)
    return outcome


def announce_paid(order: Order, payment: Payment) -> None:
    """Tell merchant and project. Not of what was returned by the time it was heard of: no goods go out for it."""
    calls = prepare_handler_calls(order, handlers.ON_PAID)
    enqueue(order, buyer=payment.buyer, buyer_id=payment.payer_id, beside=calls)
    if calls is None:
        enqueue_handler_calls(order, handlers.ON_PAID)
    on_commit(lambda: signals.order_paid.send_robust(Order, order=order), robust=True)


def _is_refunded_automatically(order: Order, outcome: ApplyOutcome) -> bool:
    """As the store wants it; another amount than was asked for is looked at by a person first."""
    if outcome is ApplyOutcome.LATE:
        return order.store.late_payment != Store.LatePayment.KEEP
    return (
        outcome is ApplyOutcome.DUPLICATE and order.store.duplicate_payment == Store.DuplicatePayment.REFUND
    )


def _refund_automatically(order: Order, payment: Payment) -> None:
    """Refund an unapplied payment in full; the sweep submits it. Where it cannot be refunded, the flag stays."""
    try:
        check_refundable(payment)
        create_unapplied_refund(order, payment, Cause(source=Source.RULE))
    except (InvalidOrderState, WalletDisabled) as error:
        logger.warning("payment %s is not refunded automatically: %s", payment.out_trade_no, error)


def _accepts_late(order: Order) -> bool:
    late = order.state in (Order.State.CLOSED, Order.State.EXPIRED)
    return late and order.store.late_payment == Store.LatePayment.ACCEPT


def _unapplied_reason(order: Order, *, fits: bool) -> tuple[str, ApplyOutcome]:
    if not fits:
        return Flag.Kind.AMOUNT_MISMATCH, ApplyOutcome.MISMATCH
    if order.state in (Order.State.PAID, Order.State.REFUNDED):
        return Flag.Kind.DUPLICATE_PAYMENT, ApplyOutcome.DUPLICATE
    return Flag.Kind.LATE_PAYMENT, ApplyOutcome.LATE


def _record_paid(payment: Payment, result: PaymentResult, *, is_applied: bool) -> None:
    """Record the money as it arrived, whether it is applied or not. If it is, the other attempts are to be closed."""
    payment.state = Payment.State.PAID
    payment.trade_no = result.trade_no
    payment.paid_at = result.paid_at or clock.now()
    payment.paid_amount = result.amount
    payment.paid_currency = result.currency or payment.currency
    payment.buyer = storable(result.buyer, 100)
    payment.is_applied = is_applied
    payment.is_unapplied = not is_applied
    payment.next_query_at = payment.failing_since = None
    record_paid(payment)
