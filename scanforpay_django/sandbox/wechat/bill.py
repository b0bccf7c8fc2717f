"""The trade bill and the fund bill: asked for by date, fetched within five minutes, back-ticked yuan."""

import gzip
import hashlib
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
from scanforpay_django.sandbox.fees import RATE, find_fee, five_decimals
from scanforpay_django.sandbox.gate import door
from scanforpay_django.sandbox.models import Merchant, Refund, Trade

from . import answers, authorization, queries
from .api import api_call
from .errors import ApiError
from .fund_bill import fund_csv
from .modes import DIRECT, Mode
from .ticked import escaped, ticked
from .transaction import TRADE_TYPES

# Pages of 2024 and later; those of 2021 to 2023 say 30 seconds. Source: pay.weixin.qq.com/doc/v3/merchant/4013071227.
TOKEN_SECONDS = 300
_SALT = "scanforpay sandbox wechat bill"
HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
TOTALS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
ZERO = "0.00"
# A bill has other words for a refund's state than the API. Source: pay.weixin.qq.com/doc/v3/merchant/4013071246.
REFUND_STATES = {"CLOSED": "FAIL", "ABNORMAL": "CHANGE"}


@require_GET
@api_call("bill")
def trade_bill(request: HttpRequest, merchant: Merchant, mode: Mode) -> Mapping[str, Any]:  # noqa: ARG001
    """GET bill/tradebill?bill_date=: the hash of the file and where it is. Today's is not ready."""
    given = queries.read_query(request, queries.BILL)
    return _announce(request, merchant, {"bill_type": "ALL", "sub_mchid": "", **given})


@require_GET
@api_call("bill")
def fund_bill(request: HttpRequest, merchant: Merchant, mode: Mode) -> Mapping[str, Any]:  # noqa: ARG001
    """GET bill/fundflowbill?bill_date=: the same for an account's movements."""
    given = queries.read_query(request, queries.FUND_BILL)
    return _announce(request, merchant, {"account_type": "BASIC", **given})


def _announce(request: HttpRequest, merchant: Merchant, given: dict[str, str]) -> Mapping[str, Any]:
    queries.check_parties(given, merchant)
    wanted = {"tar_type": "", **given}
    day = date.fromisoformat(wanted.pop("bill_date"))
    if day == clock.now().astimezone(BEIJING).date():
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
    if "account_type" in wanted:
        # Nothing moves on the other accounts here.
        return fund_csv(merchant, start) if wanted["account_type"] == "BASIC" else None
    span = (start, start + timedelta(days=1))
    paid, back = _of_day(merchant, span, wanted)
    if not paid and not back:
        return None
    lines = [HEAD, *(_line(trade, None) for trade in paid), *(_line(one.trade, one) for one in back)]
    fees = sum(find_fee(one.amount) for one in paid) - sum(find_fee(one.amount) for one in back)
    counted = str(len(paid) + len(back))
    totals = [counted, _sum(paid), _sum(back), ZERO, five_decimals(fees), _sum(paid), _sum(back)]
    lines += [TOTALS, ticked(totals)]
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
    reply = ["ORIGINAL", REFUND_STATES.get(refund.state, refund.state)] if refund else ["", ""]
    return ticked(
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
            escaped(trade.description),
            escaped(str(trade.request.get("attach", ""))),
            five_decimals(-find_fee(refund.amount) if refund else find_fee(trade.amount)),
            RATE,
            ZERO if refund else amount,
            back,
            "",
        ]
    )
