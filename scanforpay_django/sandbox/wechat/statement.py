"""The global statement: asked for by day, answered with the file itself, 38 columns in three currencies."""

import gzip
import hashlib
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from scanforpay_django.money import to_major
from scanforpay_django.sandbox import coupons
from scanforpay_django.sandbox.bill_days import day_span, made_at
from scanforpay_django.sandbox.bill_edits import Columns, Line, cut, edit_lines, in_force
from scanforpay_django.sandbox.bill_rows import MoneyBack, find_accepted, find_paid
from scanforpay_django.sandbox.clock import wall_clock
from scanforpay_django.sandbox.gate import door
from scanforpay_django.sandbox.models import Merchant, Trade
from scanforpay_django.sandbox.shape import Rule, text

from . import answers, authorization, queries
from .bill_day import KEPT_DAYS_GLOBAL, check_day, no_bill
from .errors import ApiError
from .fields import Table
from .modes import GLOBAL
from .ticked import order_cells, ticked
from .trade_bill import REFUND_STATES

# Source of the columns and of the two headers: pay.weixin.qq.com/doc/global/v3/zh/4012354484.
HEAD = (
    "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,充值券币种,"
    "充值券金额,优惠券币种,优惠券金额,微信退款单号,商户退款单号,退款类型,退款状态,商品名称,商户数据包,手续费,费率,"
    "标价币种,订单金额(标价币种),用户支付币种,用户支付金额,结算币种,应结订单金额,支付汇率,退款汇率,申请退款金额,"
    "用户退款币种,用户退款金额,退款结算币种,退款应结订单金额,充值券退款金额,优惠券退款金额"
)

COLUMNS = Columns(
    head=tuple(HEAD.split(",")),
    number="商户订单号",
    refund_number="商户退款单号",
    fields={
        "amount": ("订单金额(标价币种)", "用户支付金额", "应结订单金额"),
        "settled": ("应结订单金额",),
        "refund_amount": ("申请退款金额", "用户退款金额", "退款应结订单金额"),
        "currency": ("标价币种",),
        "state": ("交易状态",),
        "refund_state": ("退款状态",),
        "merchant": ("商户号",),
        "sub_merchant": ("子商户号",),
        "payer": ("用户标识",),
        "fee": ("手续费",),
        "rate": ("费率",),
        "number": ("商户订单号",),
        "trade_no": ("微信订单号",),
        "at": ("交易时间",),
    },
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
    """The CSV. Raises ApiError for a day on which nothing happened, or whose file cannot be taken."""
    day = datetime.strptime(given["date"], "%Y%m%d").date()  # noqa: DTZ007
    check_day(merchant, "statement", day, KEPT_DAYS_GLOBAL)
    edits = in_force(merchant, "statement", day, day)
    lines = edit_lines(_draw(merchant, day, given.get("sub_mchid", "")), edits, COLUMNS)
    if not lines:
        raise no_bill()
    rows = [HEAD, *(ticked(line.values()) for line in lines)]
    return cut("\r\n".join(rows) + "\r\n", edits).encode()


def _draw(merchant: Merchant, day: date, sub_number: str) -> list[Line]:
    paid = find_paid(merchant, day_span(day), sub_number)
    back = find_accepted(merchant, day_span(day), made_at(day), sub_number)
    return [*(_payment_line(trade) for trade in paid), *(_refund_line(one) for one in back)]


def _payment_line(trade: Trade) -> Line:
    moment = wall_clock(trade.paid_at) if trade.paid_at else ""
    return _order_cells(trade) | {"交易时间": moment, "交易状态": "SUCCESS"}


def _refund_line(one: MoneyBack) -> Line:
    trade, currency = one.trade, one.trade.currency
    money = {name: to_major(amount, currency) for name, amount in _refund_amounts(one).items()}
    return _order_cells(trade) | {
        "交易时间": wall_clock(one.asked_at),
        "交易状态": "REVOKED" if one.is_reversal else "REFUND",
        "微信退款单号": one.refund_id,
        "商户退款单号": one.number,
        "退款类型": "ORIGINAL",
        "退款状态": REFUND_STATES.get(one.state, one.state),
        "退款汇率": "1.00000000",
        **dict.fromkeys(("用户退款币种", "退款结算币种"), currency),
        **money,
    }


def _refund_amounts(one: MoneyBack) -> dict[str, int]:
    merchants = one.amount - one.settled
    return {
        "申请退款金额": one.amount,
        "用户退款金额": one.amount - one.coupon,
        "退款应结订单金额": one.settled,
        "充值券退款金额": one.coupon - merchants,
        "优惠券退款金额": merchants,
    }


def _order_cells(trade: Trade) -> Line:
    """All columns. Payers, prices and settlements are of one currency here: every rate is 1."""
    currency, merchants = trade.currency, coupons.find_merchant_part(trade, trade.coupon)
    money = {
        "订单金额(标价币种)": trade.amount,
        "用户支付金额": trade.amount - trade.coupon,
        "应结订单金额": trade.amount - merchants,
    }
    given = {"充值券": trade.coupon - merchants, "优惠券": merchants}
    for name, amount in given.items():
        money |= {f"{name}金额": amount} if amount else {}
    return dict.fromkeys(HEAD.split(","), "") | {
        **order_cells(trade),
        "子商户号": trade.sub_merchant.number if trade.sub_merchant else "0",
        "手续费": "0.00000",
        "费率": "1.20%",
        **dict.fromkeys(("标价币种", "用户支付币种", "结算币种"), currency),
        **{f"{name}币种": currency for name, amount in given.items() if amount},
        **{name: to_major(amount, currency) for name, amount in money.items()},
        "支付汇率": "1.00000000",
    }
