"""alipay.data.bill.sell.query: what an account sold, by time, at once.

Source: AlipayDataBillSellQueryModel, AlipayDataBillSellQueryResponse and TradeItemResult of alipay-sdk-java-all. What a
trade that its buyer has not seen looks like there is not published: it is left out.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from scanforpay_django.money import to_major
from scanforpay_django.sandbox import coupons, faults, trades
from scanforpay_django.sandbox.clock import read_wall_clock, wall_clock
from scanforpay_django.sandbox.fees import find_fee, two_decimals
from scanforpay_django.sandbox.models import Trade

from . import bodies, fields
from .envelope import Asked
from .errors import ApiError
from .trade import LOGON_ID, refund_fee

# "The end is not more than 31 days after the start, and not part of the span."
LONGEST = timedelta(days=31)
DEFAULT_PAGE_SIZE = 2000
# the words of trade_status
WORDS = {Trade.State.OPEN: "待付款", Trade.State.PAID: "成功"}
CLOSED = "关闭"


def list_sales(asked: Asked) -> Mapping[str, Any]:
    """A page of the trades that were made in a span."""
    if faults.take("list-not-granted", merchant=asked.seller, operation="list") is not None:
        raise ApiError("40006", "isv.insufficient-isv-permissions", "the list of sales was not granted")
    body = bodies.read(asked.params, fields.SELL_QUERY)
    since, until = (read_wall_clock(body[name]) for name in ("start_time", "end_time"))
    if not since < until <= since + LONGEST:
        raise bodies.invalid("end_time is after start_time, by 31 days at most")
    rows = trades.merchant_trades(asked.seller).filter(
        opened_at__isnull=False, created_at__gte=since, created_at__lt=until
    )
    for name, column in (("merchant_order_no", "out_trade_no"), ("alipay_order_no", "trade_no")):
        if name in body:
            rows = rows.filter(**{column: body[name]})
    page, size = int(body.get("page_no", 1)), int(body.get("page_size", DEFAULT_PAGE_SIZE))
    shown = rows.order_by("created_at", "pk")[(page - 1) * size : page * size]
    return {
        "code": "10000",
        "msg": "Success",
        "page_no": str(page),
        "page_size": str(size),
        "total_size": str(rows.count()),
        "detail_list": [_item(trade) for trade in shown],
    }


def _item(trade: Trade) -> dict[str, str]:
    back = refund_fee(trade)
    is_gone = trade.state == Trade.State.PAID and back >= trade.amount
    item = {
        "alipay_order_no": trade.trade_no,
        "gmt_create": wall_clock(trade.created_at),
        "goods_title": trade.description,
        "merchant_order_no": trade.out_trade_no,
        "other_account": LOGON_ID,
        "total_amount": to_major(trade.amount, "CNY"),
        "trade_status": CLOSED if is_gone else WORDS.get(Trade.State(trade.state), CLOSED),
        "trade_type": "交易",
        "refund_amount": to_major(back, "CNY"),
    }
    if trade.paid_at is not None:
        settled = coupons.find_settled(trade)
        item |= {"gmt_pay": wall_clock(trade.paid_at), "service_fee": two_decimals(find_fee(settled))}
    if back:
        item["gmt_refund"] = wall_clock(max(one.finished_at or one.created_at for one in trade.refunds.all()))
    return item
