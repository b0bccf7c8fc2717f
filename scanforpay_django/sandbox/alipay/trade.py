"""A trade as Alipay describes it."""

import json

from scanforpay_django.money import to_major
from scanforpay_django.sandbox.clock import wall_clock
from scanforpay_django.sandbox.models import Trade

STATUS = {
    Trade.State.OPEN: "WAIT_BUYER_PAY",
    Trade.State.PAID: "TRADE_SUCCESS",
    Trade.State.CLOSED: "TRADE_CLOSED",
}
LOGON_ID = "san***@sandbox.example"


def amount_text(trade: Trade) -> str:
    """Yuan with two decimals."""
    return to_major(trade.amount, trade.currency)


def trade_fields(trade: Trade) -> dict[str, object]:
    """What a query tells beside code and msg; amounts of the payment are 0.00 until there is one."""
    paid = amount_text(trade) if trade.paid_at else "0.00"
    fields: dict[str, object] = {
        "buyer_logon_id": LOGON_ID,
        "buyer_pay_amount": paid,
        "buyer_user_id": trade.payer.payer_id,
        "buyer_open_id": trade.payer.open_id,
        "invoice_amount": paid,
        "out_trade_no": trade.out_trade_no,
        "point_amount": "0.00",
        "receipt_amount": paid,
        "total_amount": amount_text(trade),
        "trade_no": trade.trade_no,
        "trade_status": STATUS[Trade.State(trade.state)],
    }
    if trade.paid_at:
        fields["send_pay_date"] = wall_clock(trade.paid_at)
        fields["fund_bill_list"] = [{"amount": paid, "fund_channel": "ALIPAYACCOUNT"}]
    return fields


def notice_fields(trade: Trade) -> dict[str, str]:
    """What a notification of the payment tells of the trade."""
    amount = amount_text(trade)
    body = trade.request["biz_content"]
    moment = wall_clock(trade.paid_at) if trade.paid_at else ""
    return {
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "buyer_id": trade.payer.payer_id,
        "buyer_open_id": trade.payer.open_id,
        "buyer_logon_id": LOGON_ID,
        "seller_id": trade.merchant.number,
        "seller_email": "shop@sandbox.example",
        "trade_status": STATUS[Trade.State(trade.state)],
        "total_amount": amount,
        "receipt_amount": amount,
        "buyer_pay_amount": amount,
        "point_amount": "0.00",
        "invoice_amount": amount,
        "subject": trade.description,
        # Blank where the merchant gave none: it is signed all the same.
        "body": body.get("body", ""),
        "passback_params": body.get("passback_params", ""),
        "gmt_create": wall_clock(trade.created_at),
        "gmt_payment": moment,
        "fund_bill_list": json.dumps(
            [{"amount": amount, "fundChannel": "ALIPAYACCOUNT"}], separators=(",", ":")
        ),
    }
