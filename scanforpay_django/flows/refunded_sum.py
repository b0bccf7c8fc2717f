"""Compare the sum of refunds that a platform reports with the refunds that are known here."""

from datetime import timedelta

from scanforpay_django import clock
from scanforpay_django.flows.import_platform_refund import import_refunded_sum
from scanforpay_django.flows.raise_flag import raise_flag_once
from scanforpay_django.models import Cause, Flag, Payment, Refund
from scanforpay_django.models.database import atomic
from scanforpay_django.models.locks import lock_order_and_payment
from scanforpay_django.wallets.base import PaymentResult, RefundResult, TradeState

# So long after a refund the platform's sum may lag behind it.
MAX_LAG = timedelta(minutes=1)


def check_refunded_sum(refund: Refund, result: RefundResult, cause: Cause) -> None:
    """A sum never decides about one refund. What it has beyond all of ours was made at the platform and is imported, so
    that no more than was paid can be refunded; either difference raises a flag.
    """
    reported = result.in_currency(refund.currency).trade_refunded
    if reported is None:
        return
    with atomic():
        order, payment = lock_order_and_payment(refund.payment)
        known = payment.refunded_amount
        is_less = reported < known and not _may_lag(refund)
        if not is_less and reported <= known + payment.reserved_amount:
            return
        details = {"out_trade_no": payment.out_trade_no, "reported": reported, "known": known}
        import_refunded_sum(order, payment, _as_result(payment, reported), cause)
        raise_flag_once(order, Flag.Kind.REFUND_SUM, details, cause)


def _may_lag(refund: Refund) -> bool:
    return refund.sent_at is not None and clock.now() < refund.sent_at + MAX_LAG


def _as_result(payment: Payment, reported: int) -> PaymentResult:
    return PaymentResult(out_trade_no=payment.out_trade_no, state=TradeState.PAID, returned_amount=reported)
