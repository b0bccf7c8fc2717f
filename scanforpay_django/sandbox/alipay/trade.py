"""A trade as Alipay describes it."""

import json

from scanforpay_django.money import to_major
from scanforpay_django.sandbox.clock import wall_clock
from scanforpay_django.sandbox.coupons import find_merchant_part, find_settled
from scanforpay_django.sandbox.models import Refund, Trade

STATUS = {
    Trade.State.OPEN: "WAIT_BUYER_PAY",
    Trade.State.PAID: "TRADE_SUCCESS",
    Trade.State.CLOSED: "TRADE_CLOSED",
    Trade.State.REVOKED: "TRADE_CLOSED",
    Trade.State.FAILED: "TRADE_CLOSED",
}
LOGON_ID = "san***@sandbox.example"
OTHER_SELLER = "2088000000000000"


def amount_text(trade: Trade) -> str:
    """Yuan with two decimals."""
    return to_major(trade.amount, trade.currency)


def refund_fee(trade: Trade) -> int:
    """All that has gone back, in minor units."""
    return sum(one.amount for one in trade.refunds.filter(state=Refund.State.SUCCESS))


def status(trade: Trade) -> str:
    """Closed is also what was paid and has gone back in full."""
    if trade.state == Trade.State.PAID and refund_fee(trade) >= trade.amount:
        return "TRADE_CLOSED"
    return STATUS[Trade.State(trade.state)]


def buyer_fields(trade: Trade, user_id_name: str) -> dict[str, str]:
    """Who pays: as user_id, under the name it has here, and open_id; new apps get no user_id."""
    if trade.payer is None:
        return {}
    fields = {"buyer_open_id": trade.payer.open_id}
    return fields if trade.payer.merchant.open_id_only else {**fields, user_id_name: trade.payer.payer_id}


def trade_fields(trade: Trade) -> dict[str, object]:
    """What a query answers beside code and msg; amounts of the payment are 0.00 until there is one."""
    is_paid = trade.paid_at is not None
    by_buyer = to_major(trade.amount - trade.coupon if is_paid else 0, trade.currency)
    fields: dict[str, object] = {
        "buyer_logon_id": LOGON_ID,
        "buyer_pay_amount": by_buyer,
        **buyer_fields(trade, "buyer_user_id"),
        "invoice_amount": by_buyer,
        "out_trade_no": trade.out_trade_no,
        "point_amount": "0.00",
        "receipt_amount": to_major(find_settled(trade) if is_paid else 0, trade.currency),
        "total_amount": amount_text(trade),
        "trade_no": trade.trade_no,
        "trade_status": status(trade),
    }
    if trade.paid_at:
        fields["send_pay_date"] = wall_clock(trade.paid_at)
        fields["fund_bill_list"] = _funds(trade, "fund_channel")
    return fields


def _funds(trade: Trade, channel: str) -> list[dict[str, str]]:
    """What paid it, by the name that the channel has in this message. MDISCOUNT is given by the merchant, DISCOUNT by
    Alipay. Source: opendocs.alipay.com/open/common/103259, codes of payment channels.
    """
    funds = [{"amount": to_major(trade.amount - trade.coupon, trade.currency), channel: "ALIPAYACCOUNT"}]
    if trade.coupon:
        word = "MDISCOUNT" if find_merchant_part(trade, trade.coupon) else "DISCOUNT"
        funds.append({"amount": to_major(trade.coupon, trade.currency), channel: word})
    return funds


def paid_fields(trade: Trade) -> dict[str, object]:
    """What trade.pay answers about a payment."""
    fields = trade_fields(trade)
    del fields["trade_status"]
    moment = fields.pop("send_pay_date", "")
    return {**fields, "gmt_payment": moment}


def notice_fields(trade: Trade) -> dict[str, str]:
    """What a notification of the payment says about the trade."""
    by_buyer = to_major(trade.amount - trade.coupon, trade.currency)
    body = trade.request["biz_content"]
    moment = wall_clock(trade.paid_at) if trade.paid_at else ""
    return {
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        **buyer_fields(trade, "buyer_id"),
        "buyer_logon_id": LOGON_ID,
        "seller_id": OTHER_SELLER if "wrong-merchant" in trade.lies else trade.merchant.number,
        "seller_email": "shop@sandbox.example",
        "trade_status": status(trade),
        "total_amount": amount_text(trade),
        "receipt_amount": to_major(find_settled(trade), trade.currency),
        "buyer_pay_amount": by_buyer,
        "point_amount": "0.00",
        "invoice_amount": by_buyer,
        "subject": trade.description,
        # Blank where the merchant gave none: it is signed all the same.
        "body": body.get("body", ""),
        "passback_params": body.get("passback_params", ""),
        "gmt_create": wall_clock(trade.created_at),
        "gmt_payment": moment,
        "fund_bill_list": json.dumps(_funds(trade, "fundChannel"), separators=(",", ":")),
    }


def refund_notice_fields(refund: Refund) -> dict[str, str]:
    """What the notification of a refund adds."""
    trade = refund.trade
    return {
        "out_biz_no": refund.number,
        "refund_fee": to_major(refund_fee(trade), trade.currency),
        "gmt_refund": wall_clock(refund.finished_at) if refund.finished_at else "",
    }
