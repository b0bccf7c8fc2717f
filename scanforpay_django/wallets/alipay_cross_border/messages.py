"""What the cross-border gateway says, in our terms. The caller has verified the bytes and checks whose trade it is."""

from collections.abc import Mapping

from scanforpay_django.exceptions import PlatformError, PlatformSignatureInvalid
from scanforpay_django.wallets.alipay.messages import moment
from scanforpay_django.wallets.results import PaymentResult, RefundResult, RefundState, TradeState

CROSS_BORDER_TRADE_STATES = {
    "WAIT_BUYER_PAY": TradeState.UNPAID,
    "TRADE_SUCCESS": TradeState.PAID,
    # Paid is TRADE_FINISHED here.
    "TRADE_FINISHED": TradeState.PAID,
    "TRADE_CLOSED": TradeState.CLOSED,
}
# Source: docs.antom.com/ac/global/refundquery, refund_result_code.
CROSS_BORDER_REFUND_STATES = {
    "SUCCESS": RefundState.SUCCEEDED,
    "PROCESSING": RefundState.PROCESSING,
    "FAILED": RefundState.CLOSED,
    "CANCELED": RefundState.CLOSED,
}
# The same page, response_code: what says that there is no such refund.
NO_REFUND_CODES = {"NOT_FOUND", "TRADE_NOT_EXIST"}
# Source: docs.antom.com/ac/hkapi/create_forex_trade, "Asynchronous notification", and forex_refund's; the trade's
# further fields as single_trade_query names them.
CROSS_BORDER_NOTIFICATION_FIELDS: dict[str, frozenset[str]] = {
    "trade_status_sync": frozenset(
        [
            "notify_id",
            "notify_type",
            "notify_time",
            "sign",
            "sign_type",
            "_input_charset",
            "out_trade_no",
            "trade_no",
            "trade_status",
            "currency",
            "total_fee",
            "subject",
            "body",
            "seller_id",
            "seller_email",
            "buyer_id",
            "buyer_email",
            "gmt_create",
            "gmt_payment",
            "gmt_close",
            "gmt_refund",
            "refund_fee",
            "refund_status",
            "out_return_no",
            "return_amount",
        ]
    )
}


def read_trade(fields: Mapping[str, str]) -> PaymentResult:
    """A trade. A query's answer names no currency: the sums are then read in the payment's own."""
    platform_state = fields.get("trade_status", "")
    state = CROSS_BORDER_TRADE_STATES.get(platform_state, TradeState.UNKNOWN)
    # Closed is an unpaid time-out, or what was paid and has gone back in full; the day of payment and the refunded
    # sum tell which.
    was_paid = bool(fields.get("gmt_payment")) or _is_positive(fields.get("refund_fee", ""))
    is_closed_after_payment = state is TradeState.CLOSED and was_paid
    currency = fields.get("currency", "")
    result = PaymentResult(
        out_trade_no=fields.get("out_trade_no", ""),
        state=TradeState.PAID if is_closed_after_payment else state,
        platform_state=platform_state,
        amount_text=fields.get("total_fee", ""),
        trade_no=fields.get("trade_no", ""),
        paid_at=moment(fields.get("gmt_payment")),
        buyer=fields.get("buyer_email", "")[:100],
        is_returned=is_closed_after_payment,
        returned_text=fields.get("refund_fee", ""),
        raw=dict(fields),
    )
    return result.in_currency(currency, names_it=True) if currency else result


def read_refund(fields: Mapping[str, str], out_trade_no: str, out_refund_no: str) -> RefundResult:
    """What alipay.acquire.refund.query says. Raises PlatformSignatureInvalid, PlatformError.

    Its page names no amount: what it may be called, and in which currency, is not known, so none is read.
    """
    code = fields.get("response_code", "")
    if code in NO_REFUND_CODES:
        return RefundResult(
            out_refund_no=out_refund_no, state=RefundState.NOT_FOUND, platform_state=code, raw=dict(fields)
        )
    if code != "SUCCESS":
        raise PlatformError(f"Alipay: {code}", platform_code=code)
    if (
        fields.get("out_return_no") != out_refund_no
        or fields.get("out_trade_no", out_trade_no) != out_trade_no
    ):
        raise PlatformSignatureInvalid("Alipay answered for another refund")
    word = fields.get("refund_result_code", "")
    return RefundResult(
        out_refund_no=out_refund_no,
        out_trade_no=out_trade_no,
        state=CROSS_BORDER_REFUND_STATES.get(word, RefundState.UNKNOWN),
        # Of what failed or waits, the reason.
        platform_state=(fields.get("refund_error_code") or word)[:64],
        raw=dict(fields),
    )


def _is_positive(text: str) -> bool:
    return bool(text.strip("0."))
