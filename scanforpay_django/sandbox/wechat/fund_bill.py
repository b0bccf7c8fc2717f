"""The fund bill: what came into the basic account on a day and what left it, with the balance after each movement.

Source: pay.weixin.qq.com/doc/v3/merchant/4013071249 (columns), files of public repositories (words).
"""

from collections.abc import Iterator
from datetime import date, datetime

from scanforpay_django.money import to_major
from scanforpay_django.sandbox import coupons
from scanforpay_django.sandbox.bill_days import day_span, made_at
from scanforpay_django.sandbox.bill_edits import Columns, Line, add_up, edit_lines, edit_totals, in_force
from scanforpay_django.sandbox.bill_rows import find_accepted, find_paid
from scanforpay_django.sandbox.clock import wall_clock
from scanforpay_django.sandbox.fees import find_fee
from scanforpay_django.sandbox.models import Merchant

from .ticked import ticked
from .trade_bill import write_csv

HEAD = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,"
    "业务凭证号"
)
AMOUNT, DIRECTION = "收支金额(元)", "收支类型"
IN, OUT = "收入", "支出"
COUNT = "资金流水总笔数"
COLUMNS = Columns(
    head=tuple(HEAD.split(",")),
    totals=(COUNT, *(f"{word}{what}" for word in (IN, OUT) for what in ("笔数", "金额"))),
    number="业务凭证号",
    fields={
        "amount": (AMOUNT,),
        "balance": ("账户结余(元)",),
        "state": (DIRECTION,),
        "number": ("业务凭证号",),
        "trade_no": ("微信支付业务单号",),
        "at": ("记账时间",),
    },
)
# What is on an account before its first day: a balance is never below nothing.
OPENING = 100_000_00

#: moment, the platform's number, name and type, direction, amount in fen, the merchant's number
_Movement = tuple[datetime, str, str, str, int, str]


def fund_csv(merchant: Merchant, day: date) -> bytes | None:
    """The day's file; None where nothing moved. Orders of every sub-merchant are the provider's."""
    edits = in_force(merchant, "fund", day, day)
    lines = edit_lines(_draw(merchant, day), edits, COLUMNS)
    if not lines:
        return None
    totals = {COUNT: str(len(lines))}
    for word in (IN, OUT):
        moved = [line for line in lines if line[DIRECTION] == word]
        totals |= {f"{word}笔数": str(len(moved)), f"{word}金额": add_up(moved, AMOUNT)}
    totals = edit_totals(totals, edits)
    rows = [ticked(line.values()) for line in lines]
    return write_csv([HEAD, *rows, ",".join(totals), ticked(totals.values())], edits)


def _draw(merchant: Merchant, day: date) -> Iterator[Line]:
    balance = OPENING
    movements = sorted(_movements(merchant, day), key=lambda movement: movement[0])
    for number, (moment, trade_no, name, direction, amount, voucher) in enumerate(movements, start=1):
        balance += amount if direction == IN else -amount
        flow_no = f"{trade_no[:20]}{number:08}"
        money = [to_major(amount, "CNY"), to_major(balance, "CNY")]
        values = [
            wall_clock(moment), trade_no, flow_no, name, name, direction, *money, "system", "", voucher,
        ]  # fmt: skip
        yield dict(zip(HEAD.split(","), values, strict=True))


def _movements(merchant: Merchant, day: date) -> Iterator[_Movement]:
    """What a coupon of the platform's pays comes in with the rest; what one of the merchant's pays never does."""
    for trade in find_paid(merchant, day_span(day)):
        if trade.paid_at is not None:
            settled = coupons.find_settled(trade)
            yield trade.paid_at, trade.trade_no, "交易", IN, settled, trade.out_trade_no
            if fee := find_fee(settled):
                yield trade.paid_at, trade.trade_no, "扣除交易手续费", OUT, fee, trade.out_trade_no
    for one in find_accepted(merchant, day_span(day), made_at(day)):
        # The fee comes back with the refund, and is not a movement of its own. Source: the remark in a public file.
        amount = one.settled - find_fee(one.settled)
        yield one.asked_at, one.trade.trade_no, "退款", OUT, amount, one.number
