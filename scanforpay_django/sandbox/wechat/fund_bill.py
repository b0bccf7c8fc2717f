"""The fund bill: what came into the basic account on a day and what left it, with the balance after each movement.

Source: pay.weixin.qq.com/doc/v3/merchant/4013071249 (columns), files of public repositories (words).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from scanforpay_django.money import to_major
from scanforpay_django.sandbox.clock import wall_clock
from scanforpay_django.sandbox.fees import find_fee
from scanforpay_django.sandbox.models import Merchant, Refund, Trade

from .ticked import ticked

HEAD = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,"
    "业务凭证号"
)
TOTALS = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
IN, OUT = "收入", "支出"
# What is on an account before its first day: a balance is never below nothing.
OPENING = 100_000_00

#: moment, the platform's number, name and type, direction, amount in fen, the merchant's number
_Movement = tuple[datetime, str, str, str, int, str]


def fund_csv(merchant: Merchant, first: datetime) -> bytes | None:
    """Of the day that begins then; None where nothing moved. Orders of every sub-merchant are the provider's."""
    movements = sorted(_movements(merchant, first), key=lambda movement: movement[0])
    if not movements:
        return None
    balance, lines = OPENING, []
    sums = {IN: [0, 0], OUT: [0, 0]}
    for number, (moment, trade_no, name, direction, amount, voucher) in enumerate(movements, start=1):
        balance += amount if direction == IN else -amount
        sums[direction][0] += 1
        sums[direction][1] += amount
        flow_no = f"{trade_no[:20]}{number:08}"
        money = [to_major(amount, "CNY"), to_major(balance, "CNY")]
        lines.append(
            ticked(
                [wall_clock(moment), trade_no, flow_no, name, name, direction, *money, "system", "", voucher]
            )
        )
    told = [str(len(lines))]
    for count, amount in sums.values():
        told += [str(count), to_major(amount, "CNY")]
    return b"\xef\xbb\xbf" + ("\r\n".join([HEAD, *lines, TOTALS, ticked(told)]) + "\r\n").encode()


def _movements(merchant: Merchant, first: datetime) -> Iterator[_Movement]:
    end = first + timedelta(days=1)
    for trade in Trade.objects.filter(merchant=merchant, paid_at__gte=first, paid_at__lt=end):
        if trade.paid_at is not None:
            yield trade.paid_at, trade.trade_no, "交易", IN, trade.amount, trade.out_trade_no
            if fee := find_fee(trade.amount):
                yield trade.paid_at, trade.trade_no, "扣除交易手续费", OUT, fee, trade.out_trade_no
    back = Refund.objects.filter(trade__merchant=merchant, created_at__gte=first, created_at__lt=end)
    for refund in back.select_related("trade"):
        # The fee comes back with the refund, and is not a movement of its own. Source: the remark in a public file.
        amount = refund.amount - find_fee(refund.amount)
        yield refund.created_at, refund.trade.trade_no, "退款", OUT, amount, refund.number
