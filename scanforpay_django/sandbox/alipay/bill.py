"""The bills: a zip of two CSV files in GBK, behind an address that lives 30 seconds."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from scanforpay_django import clock
from scanforpay_django.sandbox import bill_tokens, hosts
from scanforpay_django.sandbox.bill_days import NINE, Span, at, day_span, next_day, today
from scanforpay_django.sandbox.bill_edits import (
    Columns,
    Line,
    cut,
    edit_lines,
    edit_totals,
    find_late_until,
    in_force,
)
from scanforpay_django.sandbox.bill_rows import MoneyBack, find_finished, find_paid
from scanforpay_django.sandbox.clock import BEIJING
from scanforpay_django.sandbox.gate import door
from scanforpay_django.sandbox.models import Merchant, Trade

from . import account_bill, bodies, fields, trade_bill
from .envelope import Asked
from .errors import ApiError

URL_SECONDS = 30
_SALT = "scanforpay sandbox alipay bill"
# "The last six years". Source: alipay-sdk-java, AlipayDataDataserviceBillDownloadurlQueryModel of 2025-11-21.
KEPT_YEARS = 6
# A month's bill is there on this day of the next one. Source: the same; older pages say the 4th.
MONTH_BILL_DAY = 3


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One type of bill: what its files are called and how its lines are drawn, added up and summarised."""

    title: str
    head: str
    columns: Columns
    draw: Callable[[Sequence[Trade], Sequence[MoneyBack]], list[Line]]
    add: Callable[[Sequence[Line]], dict[str, str]]
    summarise: Callable[[Sequence[Line]], list[str]]


KINDS = {
    "trade": Kind(
        title="业务",
        head=trade_bill.HEAD,
        columns=trade_bill.COLUMNS,
        draw=trade_bill.draw_trades,
        add=trade_bill.add_trades,
        summarise=trade_bill.summarise_trades,
    ),
    "signcustomer": Kind(
        title="账务",
        head=account_bill.HEAD,
        columns=account_bill.COLUMNS,
        draw=account_bill.draw_movements,
        add=account_bill.add_movements,
        summarise=account_bill.summarise_movements,
    ),
}


def download_url(asked: Asked) -> Mapping[str, Any]:
    """alipay.data.dataservice.bill.downloadurl.query: a day's from 9:00 of the next day on, a month's from the 3rd.

    One that is not there yet, one of a day without trades and one too long ago are refused alike.
    """
    body = bodies.read(asked.params, fields.BILL_QUERY)
    first, last = _days(body["bill_date"])
    kind = body["bill_type"]
    is_out = _is_out(body["bill_date"], first, last) and not find_late_until(asked.seller, kind, first)
    if not is_out or not _lines(asked.seller, kind, first, last):
        raise ApiError("40004", "isp.bill_not_exist", "账单不存在")
    wanted = {"merchant": asked.seller.pk, "day": body["bill_date"], "bill_type": kind}
    token = bill_tokens.issue(_SALT, wanted, URL_SECONDS)
    url = hosts.platform_address(asked.request, f"alipay/bill/{token}")
    return {"code": "10000", "msg": "Success", "bill_download_url": url}


def _days(text: str) -> tuple[date, date]:
    """The first and the last day of a day or a month. Raises ApiError."""
    try:
        first = date.fromisoformat(text if len(text) == 10 else f"{text}-01")
    except ValueError as error:
        raise bodies.invalid("bill_date is no date") from error
    last = first if len(text) == 10 else (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first, last


def _is_out(text: str, first: date, last: date) -> bool:
    there_at = next_day(last, NINE)
    if len(text) != 10:
        there_at = at((last + timedelta(days=1)).replace(day=MONTH_BILL_DAY), NINE)
    oldest = today() - timedelta(days=KEPT_YEARS * 365)
    return there_at <= clock.now() and first >= oldest


@require_GET
@door
def download(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001
    """GET alipay/bill/{token}: the zip."""
    try:
        wanted = bill_tokens.read(_SALT, token)
    except bill_tokens.BadToken:
        return HttpResponse("the address is wrong or too old", status=403, content_type="text/plain")
    merchant = Merchant.objects.get(pk=wanted["merchant"])
    response = HttpResponse(
        _zip(merchant, wanted["day"], wanted["bill_type"]), content_type="application/zip"
    )
    response["Content-Disposition"] = 'attachment; filename="bill.zip"'
    return response


def _zip(merchant: Merchant, day: str, bill_type: str) -> bytes:
    kind, (first, last) = KINDS[bill_type], _days(day)
    edits = in_force(merchant, bill_type, first, last)
    lines = _lines(merchant, bill_type, first, last)
    totals = edit_totals(kind.add(lines), edits)
    name = f"{merchant.number}0156_{day.replace('-', '')}_{kind.title}明细"
    rows = [kind.head, *(trade_bill.join_cells(line) for line in lines)]
    details = cut(_text(_framed(merchant, _span(first, last), kind.title, rows, totals)), edits)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as box:
        for title, text in ((name, details), (f"{name}(汇总)", _text(kind.summarise(lines)))):
            box.writestr(f"{title}.csv", text.encode("gbk", "replace"))
    return packed.getvalue()


def _span(first: date, last: date) -> Span:
    return day_span(first)[0], day_span(last)[1]


def _lines(merchant: Merchant, bill_type: str, first: date, last: date) -> list[Line]:
    kind, span = KINDS[bill_type], _span(first, last)
    drawn = kind.draw(find_paid(merchant, span), find_finished(merchant, span))
    return edit_lines(drawn, in_force(merchant, bill_type, first, last), kind.columns)


def _text(lines: Sequence[str]) -> str:
    return "\r\n".join(lines) + "\r\n"


def _framed(
    merchant: Merchant, span: Span, what: str, rows: Sequence[str], totals: Mapping[str, str]
) -> list[str]:
    first, end = (f"{moment:%Y年%m月%d日 %H:%M:%S}" for moment in span)
    return [
        f"#支付宝{what}明细查询",
        f"#账号：[{merchant.number}0156]",
        f"#起始日期：[{first}]   终止日期：[{end}]",
        f"#-{'-' * 40}{what}明细列表{'-' * 40}",
        *rows,
        f"#-{'-' * 40}{what}明细列表结束{'-' * 36}",
        *(f"#{name}：{text}" for name, text in totals.items()),
        f"#导出时间：[{clock.now().astimezone(BEIJING):%Y年%m月%d日 %H:%M:%S}]",
    ]
