"""The bills: a zip of two CSV files in GBK, behind an address that lives 30 seconds."""

import io
import zipfile
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from scanforpay_django import clock
from scanforpay_django.money import to_major
from scanforpay_django.sandbox import hosts
from scanforpay_django.sandbox.clock import BEIJING, wall_clock
from scanforpay_django.sandbox.fees import find_fee, two_decimals
from scanforpay_django.sandbox.gate import door
from scanforpay_django.sandbox.models import Merchant, Refund, Trade

from . import bodies, fields
from .account_bill import account_lines, account_summary
from .envelope import Asked
from .errors import ApiError
from .trade import LOGON_ID

URL_SECONDS = 30
_SALT = "scanforpay sandbox alipay bill"
HEAD = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
    "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
SUMMARY_HEAD = "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）"


def download_url(asked: Asked) -> Mapping[str, Any]:
    """alipay.data.dataservice.bill.downloadurl.query. Today's bill does not exist yet."""
    body = bodies.read(asked.params, fields.BILL_QUERY)
    day = body["bill_date"]
    rows = _rows(asked.seller, _span(day))
    if rows == ([], []) or day >= _today(day):
        raise ApiError("40004", "isp.bill_not_exist", "账单不存在")
    token = signing.TimestampSigner(salt=_SALT).sign_object(
        {"merchant": asked.seller.pk, "day": day, "bill_type": body["bill_type"]}
    )
    url = hosts.platform_address(asked.request, f"alipay/bill/{token}")
    return {"code": "10000", "msg": "Success", "bill_download_url": url}


def _today(like: str) -> str:
    return wall_clock(clock.now())[: len(like)]


def _span(day: str) -> tuple[datetime, datetime]:
    """First moment of a day or month and of the next one. Raises ApiError."""
    try:
        first = date.fromisoformat(day if len(day) == 10 else f"{day}-01")
    except ValueError as error:
        raise bodies.invalid("bill_date is no date") from error
    end = first + timedelta(days=1) if len(day) == 10 else (first + timedelta(days=31)).replace(day=1)
    midnight = datetime.min.time()
    return datetime.combine(first, midnight, BEIJING), datetime.combine(end, midnight, BEIJING)


@require_GET
@door
def download(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001
    """GET alipay/bill/{token}: the zip."""
    try:
        wanted = signing.TimestampSigner(salt=_SALT).unsign_object(
            token, max_age=timedelta(seconds=URL_SECONDS)
        )
    except signing.BadSignature:
        return HttpResponse("the address is wrong or too old", status=403, content_type="text/plain")
    merchant = Merchant.objects.get(pk=wanted["merchant"])
    response = HttpResponse(
        _zip(merchant, wanted["day"], wanted["bill_type"]), content_type="application/zip"
    )
    response["Content-Disposition"] = 'attachment; filename="bill.zip"'
    return response


def _zip(merchant: Merchant, day: str, bill_type: str) -> bytes:
    span = _span(day)
    paid, back = _rows(merchant, span)
    if bill_type == "trade":
        what, rows, totals, summary = "业务", _details(paid, back), _totals(paid, back), _summary(paid, back)
    else:
        what, (rows, totals), summary = "账务", account_lines(paid, back), account_summary(paid, back)
    name = f"{merchant.number}0156_{day.replace('-', '')}_{what}明细"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as box:
        for title, lines in ((name, _framed(merchant, span, what, rows, totals)), (f"{name}(汇总)", summary)):
            box.writestr(f"{title}.csv", ("\r\n".join(lines) + "\r\n").encode("gbk", "replace"))
    return packed.getvalue()


def _rows(merchant: Merchant, span: tuple[datetime, datetime]) -> tuple[list[Trade], list[Refund]]:
    first, end = span
    paid = Trade.objects.filter(merchant=merchant, paid_at__gte=first, paid_at__lt=end)
    back = Refund.objects.filter(trade__merchant=merchant, finished_at__gte=first, finished_at__lt=end)
    done = back.filter(state=Refund.State.SUCCESS).select_related("trade")
    return list(paid.order_by("paid_at")), list(done.order_by("finished_at"))


def _framed(
    merchant: Merchant, span: tuple[datetime, datetime], what: str, rows: list[str], totals: list[str]
) -> list[str]:
    first, end = (f"{moment:%Y年%m月%d日 %H:%M:%S}" for moment in span)
    return [
        f"#支付宝{what}明细查询",
        f"#账号：[{merchant.number}0156]",
        f"#起始日期：[{first}]   终止日期：[{end}]",
        f"#-{'-' * 40}{what}明细列表{'-' * 40}",
        *rows,
        f"#-{'-' * 40}{what}明细列表结束{'-' * 36}",
        *totals,
        f"#导出时间：[{clock.now().astimezone(BEIJING):%Y年%m月%d日 %H:%M:%S}]",
    ]


def _details(paid: list[Trade], back: list[Refund]) -> list[str]:
    return [HEAD, *(_line(trade, None) for trade in paid), *(_line(one.trade, one) for one in back)]


def _totals(paid: list[Trade], back: list[Refund]) -> list[str]:
    return [
        f"#交易合计：{len(paid)}笔，商家实收共{_sum(paid)}元，商家优惠共0.00元",
        f"#退款合计：{len(back)}笔，商家实收退款共{_minus(_sum(back))}元，商家优惠退款共0.00元",
    ]


def _summary(paid: list[Trade], back: list[Refund]) -> list[str]:
    total = sum(one.amount for one in paid) - sum(one.amount for one in back)
    amount = to_major(abs(total), "CNY")
    cells = ["合计", "", str(len(paid)), str(len(back)), *[_minus(amount) if total < 0 else amount] * 2]
    return ["#支付宝业务汇总查询", SUMMARY_HEAD, _cells(cells)]


def _sum(rows: list[Trade] | list[Refund]) -> str:
    return to_major(sum(row.amount for row in rows), "CNY")


def _minus(amount: str) -> str:
    return f"-{amount}"


def _line(trade: Trade, refund: Refund | None) -> str:
    amount = _minus(to_major(refund.amount, "CNY")) if refund else to_major(trade.amount, "CNY")
    moment = refund.finished_at if refund else trade.paid_at
    cells = [
        trade.trade_no,
        trade.out_trade_no,
        "退款" if refund else "交易",
        trade.description.replace(",", " "),
        wall_clock(refund.created_at if refund else trade.created_at),
        wall_clock(moment) if moment else "",
        *[""] * 4,
        LOGON_ID,
        amount,
        amount,
        *["0.00"] * 5,
        "",
        *["0.00"] * 2,
        refund.number if refund else "",
        # taken is negative
        two_decimals(find_fee(refund.amount) if refund else -find_fee(trade.amount)),
        "0.00",
        "",
    ]
    return _cells(cells)


def _cells(values: list[str]) -> str:
    # each value is followed by a tab, so that spreadsheets keep long numbers
    return ",".join(f"{value}\t" for value in values)
