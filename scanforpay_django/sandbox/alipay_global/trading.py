"""The gateway's services single_trade_query, forex_refund and alipay.acquire.refund.query."""

import re
from collections.abc import Mapping
from datetime import timedelta

from scanforpay_django import clock
from scanforpay_django.money import to_minor
from scanforpay_django.sandbox import payments, refunds, trades
from scanforpay_django.sandbox.clock import wall_clock
from scanforpay_django.sandbox.models import Merchant, Refund, Trade
from scanforpay_django.sandbox.shape import Shape, ShapeError, check, pattern, text

from .cashier import COMMON
from .envelope import ApiError
from .trade import trade_fields

APART = timedelta(seconds=3)
NUMBER = pattern(r"[0-9A-Za-z_\-]{1,64}", "must be 1 to 64 letters, digits, _ or -")
SINGLE_TRADE_QUERY: Shape = {**COMMON, "out_trade_no": NUMBER, "trade_no": text(64)}
FOREX_REFUND: Shape = {
    **COMMON,
    "out_return_no": pattern(
        r"[0-9A-Za-z_\-]{1,64}", "must be 1 to 64 letters, digits, _ or -", required=True
    ),
    "out_trade_no": pattern(
        r"[0-9A-Za-z_\-]{1,64}", "must be 1 to 64 letters, digits, _ or -", required=True
    ),
    "return_amount": pattern(r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,3})?", "must be an amount", required=True),
    "currency": text(3, required=True),
    "gmt_return": pattern(
        "[0-9]{14}|[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}", "must be yyyyMMddHHmmss", required=True
    ),
    "reason": text(128),
    "product_code": text(32),
    "is_sync": pattern("Y|N", "must be Y or N"),
}
# Source: docs.antom.com/ac/global/refundquery.
ONE_REFUND_QUERY: Shape = {
    **COMMON,
    "out_trade_no": text(64, required=True),
    "out_return_no": text(128, required=True),
}
REFUND_RESULTS = {
    Refund.State.SUCCESS: {"refund_result_code": "SUCCESS"},
    Refund.State.PROCESSING: {"refund_result_code": "PROCESSING"},
    Refund.State.ABNORMAL: {
        "refund_result_code": "PROCESSING",
        "refund_error_code": "MERCHANT_BALANCE_NOT_ENOUGH",
    },
    Refund.State.CLOSED: {"refund_result_code": "FAILED", "refund_error_code": "MERCHANT_BALANCE_NOT_ENOUGH"},
}
REFUSALS = {
    "other-parameters": "DUPLICATE_REFUND_REQUEST",
    "not-paid": "TRADE_STATUS_ERROR",
    "not-enough": "BALANCE_NOT_ENOUGH",
    "too-many": "REFUND_TIMES_EXCEED_LIMIT",
    "too-much": "RETURN_AMOUNT_EXCEED",
    "too-soon": "REFUND_TOO_FREQUENT",
}


def single_trade_query(params: Mapping[str, str], merchant: Merchant) -> Mapping[str, str]:
    """The trade's fields. Raises ApiError."""
    _check_shape(params, SINGLE_TRADE_QUERY)
    numbers = {name: params[name] for name in ("out_trade_no", "trade_no") if params.get(name)}
    trade = trades.merchant_trades(merchant).filter(**numbers).first() if numbers else None
    if trade is None:
        raise ApiError("TRADE_NOT_EXIST")
    return trade_fields(trade)


def forex_refund(params: Mapping[str, str], merchant: Merchant) -> None:
    """is_success T: refunded. ``return_amount`` is in the trade's currency here. Raises ApiError."""
    _check_shape(params, FOREX_REFUND)
    trade = trades.merchant_trades(merchant).filter(out_trade_no=params["out_trade_no"]).first()
    if trade is None:
        raise ApiError("TRADE_NOT_EXIST")
    asked = _read_refund_call(params, trade)
    known = trade.refunds.filter(number=asked.number).exists()
    if not known and _latest_is_fresh(merchant):
        raise ApiError("REFUND_TOO_FREQUENT")
    try:
        made, is_new = refunds.start(trade, asked)
    except refunds.Refused as refusal:
        raise ApiError(REFUSALS[refusal.reason]) from refusal
    end = refunds.final_state(made) if is_new else made.state
    if end == Refund.State.CLOSED:
        made.delete()
        raise ApiError("REFUND_FAIL")
    if end == Refund.State.SUCCESS:
        payments.finish_refund(made, end)


def refund_query(params: Mapping[str, str], merchant: Merchant) -> Mapping[str, str]:
    """One refund by both numbers. What is unknown is a successful answer too. Raises ApiError."""
    _check_shape(params, ONE_REFUND_QUERY)
    trade = trades.merchant_trades(merchant).filter(out_trade_no=params["out_trade_no"]).first()
    if trade is None:
        return {"response_code": "TRADE_NOT_EXIST"}
    found = trade.refunds.filter(number=params["out_return_no"]).first()
    if found is None:
        return {"response_code": "NOT_FOUND"}
    return {
        "gmt_create": wall_clock(found.created_at),
        "out_return_no": found.number,
        "out_trade_no": trade.out_trade_no,
        "response_code": "SUCCESS",
        "trade_no": trade.trade_no,
        **REFUND_RESULTS[Refund.State(found.state)],
    }


def _read_refund_call(params: Mapping[str, str], trade: Trade) -> refunds.RefundCall:
    try:
        amount = to_minor(params["return_amount"], trade.currency)
    except ValueError as error:
        raise ApiError("RETURN_AMOUNT_ERROR") from error
    if amount < 1 or params["currency"] != trade.currency:
        raise ApiError("RETURN_AMOUNT_ERROR" if amount < 1 else "CURRENCY_NOT_SAME")
    return refunds.RefundCall(number=params["out_return_no"], amount=amount, request={"amount": amount})


def _latest_is_fresh(merchant: Merchant) -> bool:
    latest = Refund.objects.filter(trade__merchant=merchant).order_by("-created_at").first()
    return latest is not None and clock.now() - latest.created_at < APART


def _check_shape(params: Mapping[str, str], shape: Shape) -> None:
    try:
        check(params, shape)
    except ShapeError as error:
        word = re.sub("[^A-Z]", "_", error.field.strip("/").upper())
        raise ApiError(f"ILLEGAL_ARGUMENT_{word}") from error
