"""WeChat Pay's fund bill: every movement of one account of the merchant's, fees and withdrawals too.

Source: pay.weixin.qq.com/doc/v3/merchant/4013071249 (its columns); the words in files of public repositories.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import ClassVar

from scanforpay_django.wallets.bills.amounts import (
    check_numbers,
    is_decimal,
    is_moment,
    read_cents,
    read_china_time,
)
from scanforpay_django.wallets.bills.columns import one_piece
from scanforpay_django.wallets.bills.part_reader import UnknownWord, UnreadLine
from scanforpay_django.wallets.bills.values import BillKind, BillLine, Expected
from scanforpay_django.wallets.wechat.ticked_reader import TickedReader, is_digits_or_blank

# These accounts are in yuan alone: the file names no currency.
CURRENCY = "CNY"
DIRECTIONS = {"收入": BillKind.INCOME, "支出": BillKind.EXPENSE}


class FundBillReader(TickedReader):
    """Movements by the time they were booked."""

    required = frozenset({"记账时间", "资金流水单号", "收支类型", "收支金额(元)", "账户结余(元)"})
    names: ClassVar[Mapping[str, Sequence[str]]] = {
        "at": ("记账时间",),
        "trade_no": ("微信支付业务单号",),
        "flow_no": ("资金流水单号",),
        "type": ("业务类型",),
        "direction": ("收支类型",),
        "amount": ("收支金额(元)",),
        "balance": ("账户结余(元)",),
        "voucher": ("业务凭证号",),
    }
    unread = frozenset({"业务名称", "资金变更提交申请人", "备注"})
    forms: ClassVar[Mapping[str, Callable[[str], bool]]] = {
        "at": is_moment, "trade_no": one_piece, "flow_no": is_digits_or_blank, "type": one_piece,
        "direction": DIRECTIONS.__contains__, "amount": is_decimal, "balance": is_decimal, "voucher": one_piece,
    }  # fmt: skip
    picked = ("at", "trade_no", "flow_no", "type", "direction", "amount", "balance", "voucher")
    totals_begin = frozenset({"资金流水总笔数"})

    def __init__(self, part: int, expected: Expected) -> None:
        super().__init__(part, expected)
        self._counts = dict.fromkeys(DIRECTIONS.values(), 0)
        self._sums = dict.fromkeys(DIRECTIONS.values(), 0)

    def read_values(self, number: int, values: Sequence[str], *, is_mended: bool) -> BillLine:
        """One movement of the account, with the balance after it."""
        at_text, trade_no, flow_no, word, direction, amount_text, balance_text, voucher = values
        at, amount, balance = read_china_time(at_text), read_cents(amount_text), read_cents(balance_text)
        if direction not in DIRECTIONS:
            raise UnknownWord("收支类型", direction)
        if amount < 0 or len(word) > 60:
            raise UnreadLine("收支金额(元)", amount_text)
        kind = DIRECTIONS[direction]
        check_numbers(trade_no, flow_no, word, voucher)
        if not self.begins_at <= at < self.ends_at:
            self.notice_day(number, "记账时间", at)
        self._counts[kind] += 1
        self._sums[kind] += amount
        return BillLine(
            self.part, number, kind, word, "", trade_no, "", "", flow_no, at, CURRENCY, amount, "", None, None, None,
            "", "", "", balance, "" if is_mended else voucher,
        )  # fmt: skip

    def find_sum(self, total: str) -> Decimal | None:
        """The number or the sum of what came in, or went out."""
        if total == "资金流水总笔数":
            return Decimal(self.summary.line_count)
        kind = DIRECTIONS.get(total[:2])
        if kind is None:
            return None
        return {"笔数": Decimal(self._counts[kind]), "金额": Decimal(self._sums[kind]).scaleb(-2)}.get(
            total[2:]
        )
