"""Alipay's bill of all movements of the account, bill_type ``signcustomer``: a fee is a row of its own."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import ClassVar

from scanforpay_django.wallets.alipay.framed_reader import FramedReader
from scanforpay_django.wallets.alipay.messages import CURRENCY
from scanforpay_django.wallets.alipay.trade_bill import is_trade_number
from scanforpay_django.wallets.bills.amounts import (
    check_numbers,
    is_decimal,
    is_moment,
    read_cents,
    read_china_time,
)
from scanforpay_django.wallets.bills.columns import one_piece
from scanforpay_django.wallets.bills.part_reader import UnreadLine
from scanforpay_django.wallets.bills.values import BillKind, BillLine, Expected


class AccountBillReader(FramedReader):
    """Movements by the time they were booked. The columns have stood in several orders."""

    required = frozenset(
        {
            "账务流水号",
            "业务流水号",
            "商户订单号",
            "发生时间",
            "收入金额（+元）",
            "支出金额（-元）",
            "账户余额（元）",
        }
    )
    names: ClassVar[Mapping[str, Sequence[str]]] = {
        "flow_no": ("账务流水号",),
        "trade_no": ("业务流水号",),
        "out_trade_no": ("商户订单号",),
        "at": ("发生时间",),
        "income": ("收入金额（+元）",),
        "expense": ("支出金额（-元）",),
        "balance": ("账户余额（元）",),
        "type": ("业务类型",),
        "base_order": ("业务基础订单号",),
    }
    unread = frozenset({"商品名称", "对方账号", "交易渠道", "备注", "业务订单号", "业务账单来源", "业务描述"})
    forms: ClassVar[Mapping[str, Callable[[str], bool]]] = {
        "flow_no": is_trade_number, "trade_no": one_piece, "out_trade_no": one_piece, "at": is_moment,
        "income": lambda text: not text or is_decimal(text), "expense": lambda text: not text or is_decimal(text),
        "balance": is_decimal, "type": one_piece, "交易渠道": one_piece, "base_order": one_piece,
        "业务订单号": one_piece, "业务账单来源": one_piece,
    }  # fmt: skip
    picked = (
        "flow_no",
        "trade_no",
        "out_trade_no",
        "at",
        "income",
        "expense",
        "balance",
        "type",
        "base_order",
    )
    totals = frozenset({"支出合计", "收入合计"})

    def __init__(self, part: int, expected: Expected) -> None:
        super().__init__(part, expected)
        self._counts = {BillKind.INCOME: 0, BillKind.EXPENSE: 0}
        self._sums = {BillKind.INCOME: 0, BillKind.EXPENSE: 0}

    def read_values(self, number: int, values: Sequence[str], *, is_mended: bool) -> BillLine:
        """One movement. Either amount may be blank; what goes out has been written with and without a minus."""
        (
            flow_no,
            trade_no,
            out_trade_no,
            at_text,
            income_text,
            expense_text,
            balance_text,
            word,
            base_order,
        ) = values
        if not is_trade_number(flow_no):
            raise UnreadLine("账务流水号", flow_no)
        at = read_china_time(at_text)
        income = read_cents(income_text or "0.00")
        expense = abs(read_cents(expense_text or "0.00"))
        balance = read_cents(balance_text)
        if income < 0 or bool(income) is bool(expense) or len(word) > 60:
            raise UnreadLine("收入金额（+元）", income_text)
        kind = BillKind.INCOME if income else BillKind.EXPENSE
        check_numbers(flow_no, trade_no, out_trade_no, word, base_order)
        self.check_moment(number, "发生时间", at)
        self._counts[kind] += 1
        self._sums[kind] += income or expense
        return BillLine(
            self.part, number, kind, word, out_trade_no, trade_no, "", "", flow_no, at, CURRENCY, income or expense,
            "", None, None, None, "", "", "", balance, base_order,
        )  # fmt: skip

    def add_up(self, total: str) -> tuple[int, Decimal]:
        """The number and the sum of what came in, or went out."""
        kind = BillKind.INCOME if total.startswith("收入") else BillKind.EXPENSE
        return self._counts[kind], Decimal(self._sums[kind]).scaleb(-2)
