"""A transaction as WeChat describes it, in query answers and inside notifications alike."""

from typing import Any

from scanforpay_django.sandbox.clock import rfc3339
from scanforpay_django.sandbox.coupons import find_merchant_part
from scanforpay_django.sandbox.models import Merchant, Trade
from scanforpay_django.sandbox.phone import payer_ids

from .modes import get_mode

STATES = {
    Trade.State.OPEN: ("NOTPAY", "订单未支付"),
    Trade.State.PAID: ("SUCCESS", "支付成功"),
    Trade.State.CLOSED: ("CLOSED", "订单已关闭"),
    Trade.State.REVOKED: ("REVOKED", "订单已撤销"),
    Trade.State.FAILED: ("PAYERROR", "支付失败"),
}
TRADE_TYPES = {"jsapi": "JSAPI", "h5": "MWEB", "native": "NATIVE", "app": "APP", "codepay": "MICROPAY"}
OTHER_NUMBER = "1600000000"


def transaction(trade: Trade) -> dict[str, Any]:
    """The fields of ``trade``; those of the payment only once there is one. Amounts in minor units."""
    state, words = _state(trade)
    common = {
        **_parties(trade),
        "out_trade_no": trade.out_trade_no,
        "trade_state": state,
        "trade_state_desc": words,
        "promotion_detail": _promotions(trade),
    }
    if trade.paid_at is None:
        return {**common, "amount": {"total": trade.amount, "currency": trade.currency}}
    return {
        **common,
        get_mode(trade).number_field: trade.trade_no,
        "trade_type": TRADE_TYPES[trade.product],
        "bank_type": "OTHERS",
        "attach": trade.request.get("attach", ""),
        "success_time": rfc3339(trade.paid_at),
        "payer": _payer(trade),
        "amount": _amount(trade),
    }


def _state(trade: Trade) -> tuple[str, str]:
    if trade.is_open and trade.product == "codepay":
        return "USERPAYING", "用户支付中，需要输入密码"
    if trade.state == Trade.State.PAID and trade.refunds.exists():
        return "REFUND", "转入退款"
    return STATES[Trade.State(trade.state)]


def told_number(trade: Trade) -> str:
    """The merchant's number, or another where a fault says so."""
    return OTHER_NUMBER if "wrong-merchant" in trade.lies else trade.merchant.number


def _parties(trade: Trade) -> dict[str, str]:
    seller, sub = trade.merchant, trade.sub_merchant
    if sub is None:
        return {"appid": seller.app_id, "mchid": told_number(trade)}
    parties = {"sp_appid": seller.app_id, "sp_mchid": told_number(trade), "sub_mchid": sub.number}
    return parties | ({"sub_appid": sub.app_id} if "sub_appid" in trade.request else {})


def _promotions(trade: Trade) -> list[dict[str, Any]]:
    """The coupon. CASH is settled to the merchant, NOCASH is not. Source: pay.weixin.qq.com/doc/v3/merchant, "query an
    order", promotion_detail.
    """
    if not trade.coupon:
        return []
    merchants = find_merchant_part(trade, trade.coupon)
    return [
        {
            "coupon_id": f"{trade.pk:020}",
            "name": "sandbox coupon",
            "scope": "GLOBAL",
            "type": "NOCASH" if merchants else "CASH",
            "amount": trade.coupon,
            "wechatpay_contribute": trade.coupon - merchants,
            "merchant_contribute": merchants,
            "other_contribute": 0,
            "currency": trade.currency,
        }
    ]


def _payer(trade: Trade) -> dict[str, str]:
    """The payer's openid, one for each app that took part."""
    user = trade.payer.phone_user if trade.payer else ""

    def openid(merchant: Merchant) -> str:
        return payer_ids(merchant, user)[0]

    if trade.sub_merchant is None:
        return {"openid": openid(trade.merchant)}
    payer = {"sp_openid": openid(trade.merchant)}
    return payer | ({"sub_openid": openid(trade.sub_merchant)} if "sub_appid" in trade.request else {})


def _amount(trade: Trade) -> dict[str, Any]:
    total, currency = trade.amount, trade.currency
    payer_total = total - trade.coupon
    amount = {
        "total": total,
        "payer_total": payer_total,
        "currency": currency,
        "payer_currency": currency,
    }
    if get_mode(trade).is_global:
        return {**amount, "exchange_rate": {"type": "SETTLEMENT_RATE", "rate": 100000000}}
    return amount
