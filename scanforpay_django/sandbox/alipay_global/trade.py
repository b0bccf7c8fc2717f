"""A trade as the cross-border gateway describes it. Paid is TRADE_FINISHED here."""

from scanforpay_django.money import to_major
from scanforpay_django.sandbox.clock import wall_clock
from scanforpay_django.sandbox.models import Refund, Trade

STATUS = {
    Trade.State.OPEN: "WAIT_BUYER_PAY",
    Trade.State.PAID: "TRADE_FINISHED",
    Trade.State.CLOSED: "TRADE_CLOSED",
    Trade.State.REVOKED: "TRADE_CLOSED",
    Trade.State.FAILED: "TRADE_CLOSED",
}
OTHER_PARTNER = "2088000000000000"


def total_fee(trade: Trade) -> str:
    """The amount in its currency."""
    return to_major(trade.amount, trade.currency)


def currency(trade: Trade) -> str:
    """The currency that the trade was made in."""
    return trade.currency


def refund_fee(trade: Trade) -> int:
    """All that has gone back, in minor units."""
    return sum(one.amount for one in trade.refunds.filter(state=Refund.State.SUCCESS))


def status(trade: Trade) -> str:
    """Unpaid and past its time reads closed, and so does what was paid and has gone back in full."""
    if trade.state == Trade.State.PAID and refund_fee(trade) >= trade.amount:
        return "TRADE_CLOSED"
    if trade.is_open and trade.has_expired:
        return "TRADE_CLOSED"
    return STATUS[Trade.State(trade.state)]


def trade_fields(trade: Trade) -> dict[str, str]:
    """The fields of a trade in single_trade_query's answer."""
    fields = {
        "buyer_email": "san***@sandbox.example",
        "buyer_id": trade.payer.payer_id if trade.payer else "",
        "gmt_create": wall_clock(trade.created_at),
        "gmt_payment": wall_clock(trade.paid_at) if trade.paid_at else "",
        "out_trade_no": trade.out_trade_no,
        "seller_id": OTHER_PARTNER if "wrong-merchant" in trade.lies else trade.merchant.number,
        "subject": trade.description,
        "total_fee": total_fee(trade),
        "trade_no": trade.trade_no,
        "trade_status": status(trade),
    }
    back = refund_fee(trade)
    if back:
        fields |= {"refund_fee": to_major(back, trade.currency), "refund_status": "REFUND_SUCCESS"}
    return {name: value for name, value in fields.items() if value}


def notice_fields(trade: Trade) -> dict[str, str]:
    """What a notification says about the payment: not whose it is, unless a fault makes it lie."""
    other = {"seller_id": OTHER_PARTNER} if "wrong-merchant" in trade.lies else {}
    return other | {
        "currency": currency(trade),
        "out_trade_no": trade.out_trade_no,
        "total_fee": total_fee(trade),
        "trade_no": trade.trade_no,
        "trade_status": status(trade),
    }
