"""A refund as WeChat describes it: ``status`` in answers, ``refund_status`` in notifications."""

from typing import Any

from scanforpay_django.sandbox.clock import rfc3339
from scanforpay_django.sandbox.coupons import find_merchant_part, find_settled
from scanforpay_django.sandbox.models import Refund

from .modes import get_mode
from .transaction import told_number

ACCOUNT = "支付用户零钱"


def _state(refund: Refund) -> str:
    """WeChat Pay HK has kept API v2's word for what is closed. Source: api_external, "Query refund"."""
    is_global_close = refund.state == Refund.State.CLOSED and get_mode(refund.trade).is_global
    return "REFUNDCLOSE" if is_global_close else str(refund.state)


def answer_fields(refund: Refund) -> dict[str, Any]:
    """The answer to a refund and to the query of one. WeChat Pay HK calls refund_id ``id``."""
    trade = refund.trade
    fields: dict[str, Any] = {
        "id" if get_mode(trade).is_global else "refund_id": refund.refund_id,
        "out_refund_no": refund.number,
        "transaction_id": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "channel": "ORIGINAL",
        "user_received_account": ACCOUNT,
        "create_time": rfc3339(refund.created_at),
        "status": _state(refund),
        "funds_account": "AVAILABLE",
        "amount": {
            "total": trade.amount,
            "refund": refund.amount,
            "payer_total": trade.amount - trade.coupon,
            "payer_refund": refund.amount - refund.coupon,
            "settlement_refund": refund.amount - find_merchant_part(trade, refund.coupon),
            "settlement_total": find_settled(trade),
            "discount_refund": refund.coupon,
            "currency": trade.currency,
        },
        "promotion_detail": _promotions(refund),
    }
    if refund.state == Refund.State.SUCCESS and refund.finished_at:
        fields["success_time"] = rfc3339(refund.finished_at)
    return fields


def _promotions(refund: Refund) -> list[dict[str, Any]]:
    """The coupon's part: COUPON was settled to the merchant, DISCOUNT was not."""
    if not refund.coupon:
        return []
    merchants = find_merchant_part(refund.trade, refund.coupon)
    return [
        {
            "promotion_id": f"{refund.trade.pk:020}",
            "scope": "GLOBAL",
            "type": "DISCOUNT" if merchants else "COUPON",
            "amount": refund.trade.coupon,
            "refund_amount": refund.coupon,
        }
    ]


def notice_fields(refund: Refund) -> dict[str, Any]:
    """What a notification seals."""
    trade = refund.trade
    parties = {"mchid": told_number(trade)}
    if trade.sub_merchant is not None:
        parties = {"sp_mchid": told_number(trade), "sub_mchid": trade.sub_merchant.number}
    fields: dict[str, Any] = {
        **parties,
        "out_trade_no": trade.out_trade_no,
        "transaction_id": trade.trade_no,
        "out_refund_no": refund.number,
        "refund_id": refund.refund_id,
        "refund_status": _state(refund),
        "user_received_account": ACCOUNT,
        "amount": {
            "total": trade.amount,
            "refund": refund.amount,
            "payer_total": trade.amount - trade.coupon,
            "payer_refund": refund.amount - refund.coupon,
        },
    }
    if refund.state == Refund.State.SUCCESS and refund.finished_at:
        fields["success_time"] = rfc3339(refund.finished_at)
    return fields
