"""Alipay's bill of trades, bill_type ``trade``: only those that were made by API."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import ClassVar

from scanforpay_django.wallets.alipay.framed_reader import FramedReader
from scanforpay_django.wallets.alipay.messages import CURRENCY
from scanforpay_django.wallets.bills.amounts import (
    check_numbers,
    is_decimal,
    is_moment,
    read_cents,
    read_china_time,
    read_fee,
)
from scanforpay_django.wallets.bills.columns import one_piece
from scanforpay_django.wallets.bills.part_reader import UnknownWord, UnreadLine
from scanforpay_django.wallets.bills.values import BillKind, BillLine, Expected

KINDS = {"交易": BillKind.PAYMENT, "退款": BillKind.REFUND}


def is_trade_number(text: str) -> bool:
    """Of Alipay's own numbers."""
    return text.isascii() and text.isdecimal()


class TradeBillReader(FramedReader):
    """Payments and refunds by the time they were finished."""

    required = frozenset({"支付宝交易号", "商户订单号", "业务类型", "完成时间", "订单金额（元）"})
    names: ClassVar[Mapping[str, Sequence[str]]] = {
        "trade_no": ("支付宝交易号",),
        "out_trade_no": ("商户订单号",),
        "type": ("业务类型",),
        "created_at": ("创建时间",),
        "at": ("完成时间",),
        "amount": ("订单金额（元）",),
        "received": ("商家实收（元）",),
        "out_refund_no": ("退款批次号/请求号", "退款批次号"),
        "fee": ("服务费（元）",),
    }
    unread = frozenset(
        {
            "商品名称", "门店编号", "门店名称", "操作员", "终端号", "对方账户", "支付宝红包（元）", "集分宝（元）",
            "支付宝优惠（元）", "商家优惠（元）", "券核销金额（元）", "券名称", "商家红包消费金额（元）",
            "卡消费金额（元）", "分润（元）", "备注",
        }
    )  # fmt: skip
    forms: ClassVar[Mapping[str, Callable[[str], bool]]] = {
        "trade_no": is_trade_number, "out_trade_no": one_piece, "type": KINDS.__contains__, "created_at": is_moment,
        "at": is_moment, "amount": is_decimal, "received": is_decimal, "支付宝红包（元）": is_decimal,
        "集分宝（元）": is_decimal, "支付宝优惠（元）": is_decimal, "商家优惠（元）": is_decimal,
        "券核销金额（元）": is_decimal, "商家红包消费金额（元）": is_decimal, "卡消费金额（元）": is_decimal,
        "out_refund_no": one_piece, "fee": is_decimal, "分润（元）": is_decimal,
    }  # fmt: skip
    picked = ("trade_no", "out_trade_no", "type", "at", "amount", "received", "out_refund_no", "fee")
    amounts = frozenset({"fee", "received"})
    totals = frozenset({"交易合计", "退款合计"})

    def __init__(self, part: int, expected: Expected) -> None:
        super().__init__(part, expected)
        self._counts = {"交易": 0, "退款": 0}
        self._sums = {"交易": 0, "退款": 0}

    def read_values(self, number: int, values: Sequence[str], *, is_mended: bool) -> BillLine:
        """One payment or refund; what goes out is negative there."""
        trade_no, out_trade_no, word, at_text, amount_text, received_text, out_refund_no, fee_text = values
        if word not in KINDS:
            raise UnknownWord("业务类型", word)
        if not is_trade_number(trade_no) or not out_trade_no:
            raise UnreadLine("支付宝交易号", trade_no)
        at, fee = read_china_time(at_text), read_fee(fee_text)
        amount = read_cents(amount_text)
        received = read_cents(received_text) if "received" in self.found_columns else amount
        kind = KINDS[word]
        is_refund = kind is BillKind.REFUND
        if (amount >= 0) is is_refund or amount == 0:
            raise UnreadLine("订单金额（元）", amount_text)
        check_numbers(out_trade_no, trade_no, out_refund_no)
        self.check_moment(number, "完成时间", at)
        self._counts[word] += 1
        self._sums[word] += received
        return BillLine(
            self.part, number, kind, word, out_trade_no, trade_no, out_refund_no if is_refund else "", "", "", at,
            CURRENCY, abs(amount), CURRENCY, received, None, -fee, CURRENCY, "", "", None, "",
        )  # fmt: skip

    def add_up(self, total: str) -> tuple[int, Decimal]:
        """The number, and what the merchant received."""
        word = total[:2]
        return self._counts[word], Decimal(self._sums[word]).scaleb(-2)
