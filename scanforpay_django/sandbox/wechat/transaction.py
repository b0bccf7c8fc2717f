"""A transaction as WeChat describes it, in query answers and inside notifications alike."""

from typing import Any

from scanforpay_django.sandbox.clock import rfc3339
from scanforpay_django.sandbox.models import Trade

STATES = {
    Trade.State.OPEN: ("NOTPAY", "订单未支付"),
    Trade.State.PAID: ("SUCCESS", "支付成功"),
    Trade.State.CLOSED: ("CLOSED", "订单已关闭"),
}


def transaction(trade: Trade) -> dict[str, Any]:
    """The fields of ``trade``; those of the payment only once there is one. ``amount`` is in fen."""
    state, words = STATES[Trade.State(trade.state)]
    common = {
        "appid": trade.merchant.app_id,
        "mchid": trade.merchant.number,
        "out_trade_no": trade.out_trade_no,
        "trade_state": state,
        "trade_state_desc": words,
        "promotion_detail": [],
    }
    if trade.paid_at is None:
        return {**common, "amount": {"total": trade.amount, "currency": trade.currency}}
    return {
        **common,
        "transaction_id": trade.trade_no,
        "trade_type": "JSAPI",
        "bank_type": "OTHERS",
        "attach": trade.request.get("attach", ""),
        "success_time": rfc3339(trade.paid_at),
        "payer": {"openid": trade.payer.payer_id},
        "amount": {
            "total": trade.amount,
            "payer_total": trade.amount,
            "currency": trade.currency,
            "payer_currency": trade.currency,
        },
    }
