"""alipay.trade.refund and the query of one refund."""

from collections.abc import Mapping
from typing import Any

from scanforpay_django.money import to_major
from scanforpay_django.sandbox import payments, refunds
from scanforpay_django.sandbox.clock import wall_clock
from scanforpay_django.sandbox.models import Refund, Trade

from . import bodies, fields
from .envelope import Asked
from .errors import business
from .trade import LOGON_ID, buyer_fields, refund_fee
from .trading import OK, known

REFUSALS = {
    "other-parameters": ("REASON_TRADE_REFUND_FEE_ERR", "退款金额与之前的请求不一致"),
    "not-paid": ("TRADE_STATUS_ERROR", "交易状态不合法"),
    "not-enough": ("SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足"),
    "too-many": ("TRADE_NOT_ALLOW_REFUND", "当前交易不允许退款"),
    "too-much": ("REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限"),
    "too-soon": ("TRADE_NOT_ALLOW_REFUND", "当前交易不允许退款"),
}


def refund(asked: Asked) -> Mapping[str, Any]:
    """fund_change Y: money moved now. refund_fee: all that has gone back so far."""
    body = bodies.read_number(asked.params, fields.TRADE_REFUND)
    trade = known(asked.seller, body)
    amount = bodies.to_fen(body["refund_amount"])
    if "out_request_no" not in body and amount != trade.amount:
        raise bodies.invalid("a partial refund wants out_request_no")
    if amount < 1:
        raise bodies.invalid("refund_amount must be at least 0.01")
    number = body.get("out_request_no", trade.out_trade_no)
    moved = _refund(trade, refunds.RefundCall(number=number, amount=amount, request={"amount": amount}))
    return {
        **OK,
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "buyer_logon_id": LOGON_ID,
        **buyer_fields(trade, "buyer_user_id"),
        "fund_change": "Y" if moved else "N",
        "refund_fee": to_major(refund_fee(trade), "CNY"),
    }


def _refund(trade: Trade, asked: refunds.RefundCall) -> bool:
    """Whether money moved now. Raises ApiError."""
    try:
        made, is_new = refunds.start(trade, asked)
    except refunds.Refused as refusal:
        raise business(*REFUSALS[refusal.reason]) from refusal
    if not is_new:
        return False
    end = refunds.final_state(made)
    if end == Refund.State.CLOSED:
        # Refused for good: Alipay keeps no refund of it.
        made.delete()
        raise business("TRADE_NOT_ALLOW_REFUND", "当前交易不允许退款")
    return end == Refund.State.SUCCESS and payments.finish_refund(made, end)


def refund_query(asked: Asked) -> Mapping[str, Any]:
    """alipay.trade.fastpay.refund.query: without refund_status it is not, or not yet, refunded."""
    body = bodies.read_number(asked.params, fields.TRADE_REFUND_QUERY)
    trade = known(asked.seller, body)
    numbers = {**OK, "trade_no": trade.trade_no, "out_trade_no": trade.out_trade_no}
    found = trade.refunds.filter(number=body["out_request_no"]).first()
    if found is None:
        return numbers
    reply = {
        **numbers,
        "out_request_no": found.number,
        "total_amount": to_major(trade.amount, "CNY"),
        "refund_amount": to_major(found.amount, "CNY"),
    }
    if found.state == Refund.State.SUCCESS:
        reply["refund_status"] = "REFUND_SUCCESS"
        if "gmt_refund_pay" in body.get("query_options", []) and found.finished_at:
            reply["gmt_refund_pay"] = wall_clock(found.finished_at)
    return reply
