"""Alipay's list of an account's sales by time, which is there at once and not on the next day.

Source: the classes AlipayDataBillSellQueryModel (2019-10-11), AlipayDataBillSellQueryResponse (2023-01-17) and
TradeItemResult (2019-10-10) of github alipay/alipay-sdk-java-all, and v3/docs/Api/AlipayDataBillSellApi.md of
alipay-sdk-php-all. It was never seen answering by us. The item has no field of ours: passback_params comes back with
notifications alone, and goods_memo is what the customer sees.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from scanforpay_django.exceptions import PlatformError
from scanforpay_django.wallets.alipay.client import BEIJING, AlipayClient
from scanforpay_django.wallets.alipay.messages import CURRENCY, minor, moment
from scanforpay_django.wallets.platform_text import read_text
from scanforpay_django.wallets.results import PaymentResult, TradeState

METHOD = "alipay.data.bill.sell.query"
# "1000-2000, by default 2000". Source: the first class above. One page has to fit into an answer.
PAGE_SIZE = 1000
# "Not more than 31 days after the start." Source: the same; the end is not part of the span.
LONGEST = timedelta(days=31)
# Of a month: what says more is not read for hours.
MAX_TOTAL_DIGITS = 7
# Source: TradeItemResult, trade_status; the words are those of the consumer's bill. What is closed may have been paid
# before, which the moment of payment says.
STATES = {
    "待付款": TradeState.UNPAID,
    "成功": TradeState.PAID,
    "待发货": TradeState.PAID,
    "待确认收货": TradeState.PAID,
    "关闭": TradeState.CLOSED,
}


def list_trades(client: AlipayClient, since: datetime, until: datetime) -> Iterator[PaymentResult]:
    """Each trade that began in the span, to the second. Raises PlatformError."""
    while since < until:
        end = min(since + LONGEST, until)
        yield from _list_span(client, since, end)
        since = end


def _list_span(client: AlipayClient, since: datetime, until: datetime) -> Iterator[PaymentResult]:
    page, seen = 1, 0
    while True:
        asked = {
            "start_time": _write(since),
            "end_time": _write(until),
            "page_no": str(page),
            "page_size": str(PAGE_SIZE),
        }
        found = client.call(METHOD, content=asked)
        items = found.get("detail_list") or []
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise PlatformError("Alipay's list of sales cannot be read")
        yield from map(_read, items)
        seen += len(items)
        if not items or seen >= _read_total(found):
            return
        page += 1


def _write(when: datetime) -> str:
    return when.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def _read_total(found: Mapping[str, Any]) -> int:
    """How many the span has. Raises PlatformError: without it the end of the list is not known."""
    text = read_text(found.get("total_size"))
    if not text.isascii() or not text.isdecimal() or len(text) > MAX_TOTAL_DIGITS:
        raise PlatformError("Alipay's list of sales does not say how long it is")
    return int(text)


def _read(item: Mapping[str, Any]) -> PaymentResult:
    word, paid_at = read_text(item.get("trade_status")), moment(item.get("gmt_pay"))
    state = STATES.get(word, TradeState.UNKNOWN)
    if paid_at is not None:
        state = TradeState.PAID
    return PaymentResult(
        out_trade_no=read_text(item.get("merchant_order_no")),
        state=state,
        platform_state=word,
        amount=minor(item.get("total_amount")),
        currency=CURRENCY,
        trade_no=read_text(item.get("alipay_order_no")),
        paid_at=paid_at,
        returned_amount=minor(item.get("refund_amount")),
        raw=dict(item),
    )
