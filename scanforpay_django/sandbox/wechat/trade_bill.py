"""The file of the trade bill: 27 columns, of payments alone 20, of refunds alone 29.

Source of the columns: pay.weixin.qq.com/doc/v3/merchant/4013071246.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from scanforpay_django.money import to_major
from scanforpay_django.sandbox import coupons
from scanforpay_django.sandbox.bill_days import day_span, made_at
from scanforpay_django.sandbox.bill_edits import (
    Columns,
    Line,
    add_up,
    cut,
    edit_lines,
    edit_totals,
    in_force,
)
from scanforpay_django.sandbox.bill_models import BillEdit
from scanforpay_django.sandbox.bill_rows import MoneyBack, find_accepted, find_paid
from scanforpay_django.sandbox.clock import wall_clock
from scanforpay_django.sandbox.fees import RATE, find_fee, five_decimals
from scanforpay_django.sandbox.models import Merchant, Trade

from .ticked import order_cells, ticked

HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
SUCCESS_HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,商品名称,商户数据包,手续费,费率,订单金额,费率备注"
)
REFUND_HEAD = HEAD.replace("微信退款单号", "退款申请时间,退款成功时间,微信退款单号")
HEADS = {"ALL": HEAD, "SUCCESS": SUCCESS_HEAD, "REFUND": REFUND_HEAD}
#: name of a total -> the column that it adds up
TOTALS = {
    "应结订单总金额": "应结订单金额",
    "退款总金额": "退款金额",
    "充值券退款总金额": "充值券退款金额",
    "手续费总金额": "手续费",
    "订单总金额": "订单金额",
    "申请退款总金额": "申请退款金额",
}
COUNT, FEE = "总交易单数", "手续费总金额"
COLUMNS = Columns(
    head=tuple(REFUND_HEAD.split(",")),
    totals=(COUNT, *TOTALS),
    number="商户订单号",
    refund_number="商户退款单号",
    fields={
        "amount": ("应结订单金额", "订单金额"),
        "settled": ("应结订单金额",),
        "coupon": ("代金券金额",),
        "refund_amount": ("退款金额", "申请退款金额"),
        "currency": ("货币种类",),
        "state": ("交易状态",),
        "refund_state": ("退款状态",),
        "merchant": ("商户号",),
        "sub_merchant": ("特约商户号",),
        "payer": ("用户标识",),
        "fee": ("手续费",),
        "rate": ("费率",),
        "number": ("商户订单号",),
        "trade_no": ("微信订单号",),
        "at": ("交易时间",),
    },
)
ZERO = "0.00"
AMOUNTS = ("应结订单金额", "代金券金额", "订单金额", "退款金额", "充值券退款金额", "申请退款金额")
# A bill has other words for a refund's state than the API. Source: pay.weixin.qq.com/doc/v3/merchant/4013071246.
REFUND_STATES = {"CLOSED": "FAIL", "ABNORMAL": "CHANGE"}


def trade_csv(merchant: Merchant, day: date, wanted: Mapping[str, str]) -> bytes | None:
    """The file of ``bill_type`` and ``sub_mchid`` (blank: of all sub-merchants); None where it has no line."""
    edits = in_force(merchant, "trade", day, day)
    lines = edit_lines(_draw(merchant, day, wanted), edits, COLUMNS)
    if not lines:
        return None
    names = HEADS[wanted["bill_type"]].split(",")
    totals = {COUNT: str(len(lines))}
    totals |= {name: add_up(lines, column, 5 if name == FEE else 2) for name, column in TOTALS.items()}
    totals = edit_totals(totals, edits)
    rows = [ticked(line[name] for name in names) for line in lines]
    return write_csv([",".join(names), *rows, ",".join(totals), ticked(totals.values())], edits)


def write_csv(rows: Sequence[str], edits: Sequence[BillEdit]) -> bytes:
    """A file of these lines, in UTF-8 behind its mark."""
    return b"\xef\xbb\xbf" + cut("\r\n".join(rows) + "\r\n", edits).encode()


def _draw(merchant: Merchant, day: date, wanted: Mapping[str, str]) -> list[Line]:
    kind, sub_number, span = wanted["bill_type"], wanted["sub_mchid"], day_span(day)
    paid = [] if kind == "REFUND" else find_paid(merchant, span, sub_number)
    back = [] if kind == "SUCCESS" else find_accepted(merchant, span, made_at(day), sub_number)
    return [*(_payment_line(trade) for trade in paid), *(_refund_line(one) for one in back)]


def _payment_line(trade: Trade) -> Line:
    settled = coupons.find_settled(trade)
    return _order_cells(trade) | {
        "交易时间": wall_clock(trade.paid_at) if trade.paid_at else "",
        "交易状态": "SUCCESS",
        "应结订单金额": to_major(settled, trade.currency),
        "代金券金额": to_major(trade.coupon, trade.currency),
        "订单金额": to_major(trade.amount, trade.currency),
        "手续费": five_decimals(find_fee(settled)),
    }


def _refund_line(one: MoneyBack) -> Line:
    """A reversal has a refund's columns and REVOKED for its state: seen in readers of bills in public repositories, not
    in a bill.
    """
    trade = one.trade
    prepaid = 0 if one.settled != one.amount else one.coupon
    return _order_cells(trade) | {
        "交易时间": wall_clock(one.asked_at),
        "交易状态": "REVOKED" if one.is_reversal else "REFUND",
        "退款申请时间": wall_clock(one.asked_at),
        "退款成功时间": wall_clock(one.done_at) if one.done_at and one.state == "SUCCESS" else "",
        "微信退款单号": one.refund_id,
        "商户退款单号": one.number,
        "退款金额": to_major(one.settled, trade.currency),
        "充值券退款金额": to_major(prepaid, trade.currency),
        "退款类型": "ORIGINAL",
        "退款状态": REFUND_STATES.get(one.state, one.state),
        "手续费": five_decimals(-find_fee(one.settled)),
        "申请退款金额": to_major(one.amount, trade.currency),
    }


def _order_cells(trade: Trade) -> Line:
    """All columns; what says something about a payment or a refund alone is as it is where there is none."""
    return dict.fromkeys(REFUND_HEAD.split(","), "") | {
        **order_cells(trade),
        "特约商户号": trade.sub_merchant.number if trade.sub_merchant else "0",
        "货币种类": trade.currency,
        **dict.fromkeys(AMOUNTS, ZERO),
        "微信退款单号": "0",
        "商户退款单号": "0",
        "费率": RATE,
    }
