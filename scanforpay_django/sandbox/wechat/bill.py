"""The trade bill: asked for by date, fetched within 30 seconds, 27 columns of back-ticked yuan."""

import gzip
import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from scanforpay_django.money import to_major
from scanforpay_django.sandbox import hosts
from scanforpay_django.sandbox.clock import BEIJING, wall_clock
from scanforpay_django.sandbox.gate import door
from scanforpay_django.sandbox.models import Merchant, Refund, Trade

from . import answers, authorization, queries
from .api import api_call
from .errors import ApiError
from .modes import DIRECT, Mode
from .transaction import TRADE_TYPES

TOKEN_SECONDS = 30
_SALT = "scanforpay sandbox wechat bill"
HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
TOTALS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
ZERO = "0.00"


@require_GET
@api_call("bill")
def trade_bill(request: HttpRequest, merchant: Merchant, mode: Mode) -> Mapping[str, Any]:  # noqa: ARG001
    """GET bill/tradebill?bill_date=: the hash of the file and where it is. Today's is not ready."""
    day, wanted = _read(request, merchant)
    if day == timezone.localtime(timezone=BEIJING).date():
        raise ApiError("STATEMENT_CREATING", "账单生成中，请稍后再试")
    csv = _file(merchant, day, wanted)
    if csv is None:
        raise ApiError("NO_STATEMENT_EXIST", "账单文件不存在")
    token = signing.TimestampSigner(salt=_SALT).sign_object(
        {"merchant": merchant.pk, "day": day.isoformat(), **wanted}
    )
    return {
        "hash_type": "SHA1",
        # the platform's choice; over the file before it is packed
        "hash_value": hashlib.sha1(csv, usedforsecurity=False).hexdigest(),
        "download_url": hosts.platform_address(request, f"wechat/v3/billdownload/file?token={token}"),
    }


def _read(request: HttpRequest, merchant: Merchant) -> tuple[date, dict[str, str]]:
    given = queries.read_query(request, queries.BILL)
    queries.check_parties(given, merchant)
    wanted = {"bill_type": "ALL", "tar_type": "", "sub_mchid": "", **given}
    return date.fromisoformat(wanted.pop("bill_date")), wanted


@require_GET
@door
def download(request: HttpRequest) -> HttpResponse:
    """GET billdownload/file?token=: signed by the merchant, answered without a signature."""
    try:
        merchant = authorization.verify(request, DIRECT.app, wants_json=False)
        wanted = signing.TimestampSigner(salt=_SALT).unsign_object(
            request.GET.get("token", ""), max_age=timedelta(seconds=TOKEN_SECONDS)
        )
    except signing.BadSignature:
        return answers.refused(ApiError("PARAM_ERROR", "The token is wrong or too old."))
    except ApiError as fault:
        return answers.refused(fault)
    csv = _file(merchant, date.fromisoformat(wanted["day"]), wanted)
    if wanted["merchant"] != merchant.pk or csv is None:
        return answers.refused(ApiError("NO_AUTH", "This is another merchant's bill."))
    # The types that clients ask for and tell apart: the Accept of wechatpay-axios-plugin, the request of
    # wechatpay-node-v3, which reads text/plain and nothing else.
    is_packed = wanted["tar_type"] == "GZIP"
    body = gzip.compress(csv) if is_packed else csv
    response = HttpResponse(body, content_type="application/x-gzip" if is_packed else "text/plain")
    response["Request-ID"] = answers.request_id(0)
    return response


def _file(merchant: Merchant, day: date, wanted: Mapping[str, str]) -> bytes | None:
    """The CSV, None for a day on which nothing happened."""
    start = datetime.combine(day, datetime.min.time(), BEIJING)
    span = (start, start + timedelta(days=1))
    paid, back = _of_day(merchant, span, wanted)
    if not paid and not back:
        return None
    lines = [HEAD, *(_line(trade, None) for trade in paid), *(_line(one.trade, one) for one in back)]
    totals = [str(len(paid) + len(back)), _sum(paid), _sum(back), ZERO, "0.00000", _sum(paid), _sum(back)]
    lines += [TOTALS, _ticked(totals)]
    return b"\xef\xbb\xbf" + ("\r\n".join(lines) + "\r\n").encode()


def _of_day(
    merchant: Merchant, span: tuple[datetime, datetime], wanted: Mapping[str, str]
) -> tuple[list[Trade], list[Refund]]:
    first, end = span
    paid = Trade.objects.filter(merchant=merchant, paid_at__gte=first, paid_at__lt=end)
    back = Refund.objects.filter(trade__merchant=merchant, created_at__gte=first, created_at__lt=end)
    if wanted["sub_mchid"]:
        paid = paid.filter(sub_merchant__number=wanted["sub_mchid"])
        back = back.filter(trade__sub_merchant__number=wanted["sub_mchid"])
    kind = wanted["bill_type"]
    return (
        [] if kind == "REFUND" else list(paid.select_related("merchant", "sub_merchant", "payer").order_by("paid_at")),
        [] if kind == "SUCCESS" else list(
            back.select_related("trade__merchant", "trade__sub_merchant", "trade__payer").order_by("created_at")
        ),
    )  # fmt: skip


def _sum(rows: list[Trade] | list[Refund]) -> str:
    # All of one currency: this API collects in CNY alone.
    return to_major(sum(row.amount for row in rows), "CNY")


def _line(trade: Trade, refund: Refund | None) -> str:
    amount = to_major(trade.amount, trade.currency)
    back = to_major(refund.amount, trade.currency) if refund else ZERO
    moment = refund.created_at if refund else trade.paid_at
    settled = [ZERO, ZERO] if refund else [amount, ZERO]
    reply = ["ORIGINAL", refund.state] if refund else ["", ""]
    return _ticked(
        [
            wall_clock(moment) if moment else "",
            trade.merchant.app_id,
            trade.merchant.number,
            trade.sub_merchant.number if trade.sub_merchant else "0",
            "",
            trade.trade_no,
            trade.out_trade_no,
            trade.payer.payer_id if trade.payer else "",
            TRADE_TYPES[trade.product],
            "REFUND" if refund else "SUCCESS",
            "OTHERS",
            trade.currency,
            *settled,
            refund.refund_id if refund else "0",
            refund.number if refund else "0",
            back,
            ZERO,
            *reply,
            trade.description.replace(",", " "),
            str(trade.request.get("attach", "")).replace(",", " "),
            "0.00000",
            "0.60%",
            ZERO if refund else amount,
            back,
            "",
        ]
    )


def _ticked(values: list[str]) -> str:
    return ",".join(f"`{value}" for value in values)
