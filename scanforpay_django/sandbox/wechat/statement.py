"""The global statement: asked for by day, answered with the file itself, 38 columns in three currencies."""

import gzip
import hashlib
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from scanforpay_django import clock
from scanforpay_django.money import to_major
from scanforpay_django.sandbox.clock import BEIJING, wall_clock
from scanforpay_django.sandbox.gate import door
from scanforpay_django.sandbox.models import Merchant, Refund, Trade
from scanforpay_django.sandbox.shape import Rule, text

from . import answers, authorization, queries
from .bill import REFUND_STATES
from .errors import ApiError
from .fields import Table
from .modes import GLOBAL
from .ticked import escaped, ticked
from .transaction import TRADE_TYPES

# Source of the columns and of the two headers: pay.weixin.qq.com/doc/global/v3/zh/4012354484.
HEAD = (
    "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,充值券币种,"
    "充值券金额,优惠券币种,优惠券金额,微信退款单号,商户退款单号,退款类型,退款状态,商品名称,商户数据包,手续费,费率,"
    "标价币种,订单金额(标价币种),用户支付币种,用户支付金额,结算币种,应结订单金额,支付汇率,退款汇率,申请退款金额,"
    "用户退款币种,用户退款金额,退款结算币种,退款应结订单金额,充值券退款金额,优惠券退款金额"
)


def _is_day(value: object) -> bool:
    try:
        datetime.strptime(str(value), "%Y%m%d")  # noqa: DTZ007
    except ValueError:
        return False
    return len(str(value)) == 8


STATEMENT = Table(
    source="https://pay.weixin.qq.com/doc/global/v3/zh/4012354484",
    fields={
        "date": Rule(_is_day, "must be YYYYMMDD", required=True, label="账单日期", type=str),
        "mchid": text(32, label="商户号"),
        "sp_mchid": text(32, label="机构商户号"),
        "sub_mchid": text(32, label="子商户号"),
    },
)


@require_GET
@door
def statement(request: HttpRequest) -> HttpResponse:
    """GET statements?date=: its hash is in a header; packed where the caller takes gzip."""
    try:
        merchant = authorization.verify(request, GLOBAL.app, wants_json=False)
        given = queries.read_query(request, STATEMENT)
        queries.check_parties(given, merchant)
        csv = _file(merchant, given)
    except ApiError as fault:
        return answers.refused(fault)
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(gzip.compress(csv) if packed else csv, content_type="text/plain")
    if packed:
        response["Content-Encoding"] = "gzip"
    response["Wechatpay-Statement-Sha1"] = hashlib.sha1(csv, usedforsecurity=False).hexdigest()
    response["Request-ID"] = answers.request_id(0)
    return response


def _file(merchant: Merchant, given: dict[str, str]) -> bytes:
    """The CSV. Raises ApiError for a day on which nothing happened, or that is not over."""
    first = datetime.strptime(given["date"], "%Y%m%d").replace(tzinfo=BEIJING)
    end = first + timedelta(days=1)
    if end > clock.now():
        raise ApiError("STATEMENT_CREATING", "账单生成中，请稍后再试")
    paid = Trade.objects.filter(merchant=merchant, paid_at__gte=first, paid_at__lt=end)
    back = Refund.objects.filter(trade__merchant=merchant, created_at__gte=first, created_at__lt=end)
    if given.get("sub_mchid"):
        paid = paid.filter(sub_merchant__number=given["sub_mchid"])
        back = back.filter(trade__sub_merchant__number=given["sub_mchid"])
    lines = [_line(trade, None) for trade in paid.order_by("paid_at")]
    lines += [_line(one.trade, one) for one in back.select_related("trade").order_by("created_at")]
    if not lines:
        raise ApiError("NO_STATEMENT_EXIST", "账单文件不存在")
    return ("\r\n".join([HEAD, *lines]) + "\r\n").encode()


def _line(trade: Trade, refund: Refund | None) -> str:
    # Payers, prices and settlements are of one currency here: every rate is 1.
    currency = trade.currency
    amount = to_major(trade.amount, currency)
    moment = refund.created_at if refund else trade.paid_at
    nothing = ["", "", "", "", "", "", ""]
    returned = nothing
    if refund:
        back = to_major(refund.amount, currency)
        returned = [back, currency, back, currency, back, "0", "0"]
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
            *["", "", "", ""],
            refund.refund_id if refund else "",
            refund.number if refund else "",
            *(["ORIGINAL", REFUND_STATES.get(refund.state, refund.state)] if refund else ["", ""]),
            escaped(trade.description),
            escaped(str(trade.request.get("attach", ""))),
            "0.00000",
            "1.20%",
            *[
                currency,
                amount,
                currency,
                amount,
                currency,
                amount,
                "1.00000000",
                "1.00000000" if refund else "",
            ],
            *returned,
        ]
    )
