"""The bill of all movements (signcustomer): what came into the account on a day and what left it, fees as rows.

Source of its lines: files of 2012 to 2026 in public repositories.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from scanforpay_django.money import to_major
from scanforpay_django.sandbox import coupons
from scanforpay_django.sandbox.bill_edits import Columns, Line, add_up
from scanforpay_django.sandbox.bill_rows import MoneyBack
from scanforpay_django.sandbox.clock import wall_clock
from scanforpay_django.sandbox.fees import find_fee, two_decimals
from scanforpay_django.sandbox.models import Trade

from .trade import LOGON_ID
from .trade_bill import join_cells

HEAD = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,"
    "业务类型,备注"
)
SUMMARY_HEAD = "类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）,总金额（元）"
IN, OUT = "收入金额（+元）", "支出金额（-元）"
COLUMNS = Columns(
    head=tuple(HEAD.split(",")),
    totals=("支出合计", "收入合计"),
    number="商户订单号",
    fields={
        "amount": (IN,),
        "refund_amount": (OUT,),
        "balance": ("账户余额（元）",),
        "payer": ("对方账号",),
        "number": ("商户订单号",),
        "trade_no": ("业务流水号",),
        "at": ("发生时间",),
    },
)
ZERO = "0.00"
# What is on the account before its first day: a balance is never below nothing.
OPENING = 100_000_00

#: moment, trade, amount in fen (negative: out), type
_Movement = tuple[datetime, Trade, int, str]


def draw_movements(paid: Sequence[Trade], back: Sequence[MoneyBack]) -> list[Line]:
    """A line for each movement, in their order, with the balance after it."""
    movements = sorted(_movements(paid, back), key=lambda movement: movement[0])
    balance, lines = OPENING, []
    for number, movement in enumerate(movements, start=1):
        balance += movement[2]
        lines.append(_line(f"{movement[1].trade_no[:20]}{number:08}", movement, balance))
    return lines


def add_movements(lines: Sequence[Line]) -> dict[str, str]:
    """The lines of totals: what stands before the colon, and behind it."""
    return {
        f"{word}合计": f"{_count(lines, column)}笔，共{add_up(lines, column)}元"
        for word, column in (("支出", OUT), ("收入", IN))
    }


def summarise_movements(lines: Sequence[Line]) -> list[str]:
    """The file beside it."""
    counted = [text for column in (IN, OUT) for text in (_count(lines, column), add_up(lines, column))]
    total = add_up([{"": add_up(lines, column)} for column in (IN, OUT)], "")
    return ["#支付宝账务汇总查询", SUMMARY_HEAD, join_cells(["合计", *counted, total])]


def _count(lines: Sequence[Line], column: str) -> str:
    return str(sum(line[column] != ZERO for line in lines))


def _movements(paid: Sequence[Trade], back: Sequence[MoneyBack]) -> Iterator[_Movement]:
    """What a coupon of Alipay's pays comes in with the rest; what one of the merchant's pays never does."""
    for trade in paid:
        if trade.paid_at is not None:
            settled = coupons.find_settled(trade)
            yield trade.paid_at, trade, settled, "在线支付"
            if fee := find_fee(settled):
                yield trade.paid_at, trade, -fee, "收费"
    for one in back:
        if one.done_at is not None:
            yield one.done_at, one.trade, -one.settled, "交易退款"
            if fee := find_fee(one.settled):
                yield one.done_at, one.trade, fee, "退费"


def _line(flow_no: str, movement: _Movement, balance: int) -> Line:
    moment, trade, amount, kind = movement
    return dict.fromkeys(HEAD.split(","), "") | {
        "账务流水号": flow_no,
        "业务流水号": trade.trade_no,
        "商户订单号": trade.out_trade_no,
        "商品名称": trade.description.replace(",", " "),
        "发生时间": wall_clock(moment),
        "对方账号": LOGON_ID,
        IN: to_major(max(amount, 0), "CNY"),
        OUT: two_decimals(min(amount, 0)),
        "账户余额（元）": two_decimals(balance),
        "交易渠道": "支付宝",
        "业务类型": kind,
    }
