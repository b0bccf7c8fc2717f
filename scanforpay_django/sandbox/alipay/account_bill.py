"""The bill of all movements (signcustomer): what came into the account on a day and what left it, fees as rows.

Source of its lines: files of 2012 to 2026 in public repositories.
"""

from collections.abc import Iterator
from datetime import datetime

from scanforpay_django.money import to_major
from scanforpay_django.sandbox.clock import wall_clock
from scanforpay_django.sandbox.fees import find_fee, two_decimals
from scanforpay_django.sandbox.models import Refund, Trade

from .trade import LOGON_ID

HEAD = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,"
    "业务类型,备注"
)
SUMMARY_HEAD = "类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）,总金额（元）"
# What is on the account before its first day: a balance is never below nothing.
OPENING = 100_000_00

#: moment, trade, amount in fen (negative: out), type
_Movement = tuple[datetime, Trade, int, str]


def account_lines(paid: list[Trade], back: list[Refund]) -> tuple[list[str], list[str]]:
    """(the head and the rows, the lines of totals)."""
    movements = sorted(_movements(paid, back), key=lambda movement: movement[0])
    balance, rows = OPENING, [HEAD]
    for number, (moment, trade, amount, kind) in enumerate(movements, start=1):
        balance += amount
        rows.append(_row(f"{trade.trade_no[:20]}{number:08}", moment, trade, amount, balance, kind))
    income = [amount for _, _, amount, _ in movements if amount > 0]
    expense = [amount for _, _, amount, _ in movements if amount < 0]
    return rows, [
        f"#支出合计：{len(expense)}笔，共{two_decimals(sum(expense))}元",
        f"#收入合计：{len(income)}笔，共{two_decimals(sum(income))}元",
    ]


def account_summary(paid: list[Trade], back: list[Refund]) -> list[str]:
    """The file beside it."""
    amounts = [amount for _, _, amount, _ in _movements(paid, back)]
    income, expense = [one for one in amounts if one > 0], [one for one in amounts if one < 0]
    cells = [
        "合计",
        str(len(income)),
        two_decimals(sum(income)),
        str(len(expense)),
        two_decimals(sum(expense)),
    ]
    return ["#支付宝账务汇总查询", SUMMARY_HEAD, _cells([*cells, two_decimals(sum(amounts))])]


def _movements(paid: list[Trade], back: list[Refund]) -> Iterator[_Movement]:
    for trade in paid:
        if trade.paid_at is not None:
            yield trade.paid_at, trade, trade.amount, "在线支付"
            if fee := find_fee(trade.amount):
                yield trade.paid_at, trade, -fee, "收费"
    for refund in back:
        if refund.finished_at is not None:
            yield refund.finished_at, refund.trade, -refund.amount, "交易退款"
            if fee := find_fee(refund.amount):
                yield refund.finished_at, refund.trade, fee, "退费"


def _row(flow_no: str, moment: datetime, trade: Trade, amount: int, balance: int, kind: str) -> str:
    income, expense = (amount, 0) if amount > 0 else (0, amount)
    return _cells(
        [
            flow_no,
            trade.trade_no,
            trade.out_trade_no,
            trade.description.replace(",", " "),
            wall_clock(moment),
            LOGON_ID,
            to_major(income, "CNY"),
            two_decimals(expense),
            two_decimals(balance),
            "支付宝",
            kind,
            "",
        ]
    )


def _cells(values: list[str]) -> str:
    return ",".join(f"{value}\t" for value in values)
