"""Import refunds that were made in a platform's own console, so that the sums here are right."""

import logging

from django.db import transaction

from scanforpay_django.exceptions import RefundTooLarge
from scanforpay_django.flows.raise_flag import raise_flag
from scanforpay_django.flows.record_refund import record_refunded
from scanforpay_django.flows.refund_rules import reserve
from scanforpay_django.flows.refund_unapplied import unapplied_kind
from scanforpay_django.models import Cause, Flag, Order, Payment, Refund
from scanforpay_django.models.locks import lock_order_and_payment
from scanforpay_django.wallets.base import PaymentResult, RefundResult, RefundState

logger = logging.getLogger(__name__)


def import_refunded_sum(order: Order, payment: Payment, result: PaymentResult, cause: Cause) -> None:
    """Where a platform reports how much of a trade was refunded so far, import what was not requested here.

    Call under the locks of order and payment.
    """
    reported = result.returned_amount
    if reported is None:
        reported = payment.paid_amount if result.is_returned else None
    if reported is None or payment.state != Payment.State.PAID:
        return
    _late_success(order, payment, result, cause)
    unknown = reported - payment.refunded_amount - payment.reserved_amount
    if unknown > 0:
        _import_amount(order, payment, unknown, "", cause)


def _late_success(order: Order, payment: Payment, result: PaymentResult, cause: Cause) -> None:
    """The message is about a refund of ours that counted as failed."""
    if not result.out_refund_no:
        return
    refund = payment.refunds.filter(out_refund_no=result.out_refund_no, state=Refund.State.FAILED).first()
    if refund is not None:
        succeeded = RefundResult(out_refund_no=refund.out_refund_no, state=RefundState.SUCCEEDED)
        record_refunded(order, payment, refund, succeeded, cause)


def import_refund(payment: Payment, result: RefundResult, cause: Cause) -> bool:
    """One refund by its own number at the platform, once; False while it is not final or says no amount."""
    if result.state is not RefundState.SUCCEEDED or result.amount is None or not result.refund_id:
        return False
    with transaction.atomic():
        order, locked = lock_order_and_payment(payment)
        if locked.state != Payment.State.PAID:
            return False
        if not locked.refunds.filter(refund_id=result.refund_id).exists():
            _import_amount(order, locked, result.amount, result.refund_id, cause)
    return True


def _import_amount(order: Order, payment: Payment, amount: int, refund_id: str, cause: Cause) -> None:
    details = {"amount": amount, "refund_id": refund_id, "made_at": "the platform"}
    logger.warning("order %s: %s was refunded at the platform", order.order_no, amount)
    try:
        reserve(payment, amount)
    except RefundTooLarge:
        raise_flag(order, Flag.Kind.OVER_REFUNDED, details, cause)
        return
    payment.reserved_amount += amount
    refund = Refund.objects.create(
        partner_id=order.partner_id,
        order=order,
        payment=payment,
        kind=Refund.Kind.ORDER if payment.is_applied else unapplied_kind(order, payment),
        source=Refund.Source.PLATFORM,
        amount=amount,
        currency=payment.paid_currency,
        next_at=None,
    )
    succeeded = RefundResult(
        out_refund_no=refund.out_refund_no, state=RefundState.SUCCEEDED, refund_id=refund_id
    )
    record_refunded(order, payment, refund, succeeded, cause)
