"""WeChat Pay's trade bill, in every form that is known.

ALL has 27 columns, SUCCESS 20, REFUND 29; the early form of some merchants has 24, 18 and 26 under older names.
Source: pay.weixin.qq.com/doc/v3/merchant/4013071246; the early form: files of 2014 to 2020 in public repositories.
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
    read_fee,
    read_minor,
)
from scanforpay_django.wallets.bills.columns import one_piece
from scanforpay_django.wallets.bills.part_reader import UnknownWord, UnreadLine
from scanforpay_django.wallets.bills.values import BillKind, BillLine, Expected, ProblemCode
from scanforpay_django.wallets.wechat.ticked_reader import (
    Sums,
    TickedReader,
    decode_escapes,
    is_digits,
    is_digits_or_blank,
    is_letters,
    is_letters_or_blank,
)

_CENTS = frozenset({"CNY", "HKD", "USD", "EUR", "GBP", "AUD", "CAD", "NZD", "SGD"})
# Its refund states are frozen: PROCESSING is accepted, and is never updated. Source: the same page; the global FAQ says
# to take PROCESSING for done.
REFUND_KINDS = {
    "SUCCESS": BillKind.REFUND,
    "PROCESSING": BillKind.REFUND,
    "FAIL": BillKind.FAILED_REFUND,
    # could not reach the payer: the money waits for the merchant
    "CHANGE": BillKind.FAILED_REFUND,
}
# A member of an enumeration takes longer to find than a name of the module.
_PAYMENT = BillKind.PAYMENT
_STATES = frozenset({"SUCCESS", "REFUND", "REVOKED"})
#: the amounts that are added up, in the order of ``picked``
_ADDED = ("settled", "refunded", "refunded_coupon", "ordered", "applied")
_FEE = len(_ADDED)
#: name of a total -> which sum it is
_TOTALS = {
    "应结订单总金额": 0, "总交易额": 0,
    "退款总金额": 1, "总退款金额": 1,
    "充值券退款总金额": 2, "总企业红包退款金额": 2, "总代金券或立减优惠退款金额": 2,
    "订单总金额": 3,
    "申请退款总金额": 4,
    "手续费总金额": _FEE,
}  # fmt: skip


class TradeBillReader(TickedReader):
    """Payments by the time of success, refunds by the time they were accepted."""

    required = frozenset({"交易时间", "微信订单号", "商户订单号", "交易状态", "货币种类", "手续费"})
    names: ClassVar[Mapping[str, Sequence[str]]] = {
        "at": ("交易时间",),
        "merchant": ("商户号",),
        "sub_merchant": ("特约商户号", "子商户号"),
        "trade_no": ("微信订单号",),
        "out_trade_no": ("商户订单号",),
        "type": ("交易类型",),
        "state": ("交易状态",),
        "currency": ("货币种类",),
        "settled": ("应结订单金额", "总金额"),
        "coupon": ("代金券金额", "企业红包金额", "代金券或立减优惠金额"),
        "refund_asked_at": ("退款申请时间",),
        "refund_done_at": ("退款成功时间",),
        "refund_id": ("微信退款单号",),
        "out_refund_no": ("商户退款单号",),
        "refunded": ("退款金额",),
        "refunded_coupon": ("充值券退款金额", "企业红包退款金额", "代金券或立减优惠退款金额"),
        "refund_state": ("退款状态",),
        "attach": ("商户数据包",),
        "fee": ("手续费",),
        "rate": ("费率",),
        "ordered": ("订单金额",),
        "applied": ("申请退款金额",),
    }
    unread = frozenset({"公众账号ID", "设备号", "用户标识", "付款银行", "退款类型", "商品名称", "费率备注"})
    # What is not here is free text: device, title, the merchant's own data, the note on the rate.
    forms: ClassVar[Mapping[str, Callable[[str], bool]]] = {
        "at": is_moment, "merchant": is_digits, "sub_merchant": is_digits_or_blank, "trade_no": is_digits,
        "out_trade_no": one_piece, "type": is_letters, "state": _STATES.__contains__, "currency": is_letters,
        "settled": is_decimal, "coupon": is_decimal, "refund_id": is_digits_or_blank, "out_refund_no": one_piece,
        "refunded": is_decimal, "refunded_coupon": is_decimal, "fee": is_decimal, "rate": one_piece,
        "ordered": is_decimal, "applied": is_decimal, "refund_state": is_letters_or_blank, "公众账号ID": one_piece,
        "用户标识": one_piece, "付款银行": one_piece, "退款类型": is_letters_or_blank,
        "refund_asked_at": one_piece, "refund_done_at": one_piece,
    }  # fmt: skip
    picked = (
        "at", "merchant", "sub_merchant", "trade_no", "out_trade_no", "state", "currency", *_ADDED, "coupon", "fee",
        "rate", "attach", "refund_asked_at", "refund_id", "out_refund_no", "refund_state",
    )  # fmt: skip
    amounts = frozenset({*_ADDED, "coupon"})
    totals_begin = frozenset({"总交易单数"})

    def __init__(self, part: int, expected: Expected) -> None:
        super().__init__(part, expected)
        self._sums = Sums(_FEE + 1)

    def begin(self, head: Sequence[str], separator: str) -> None:
        """The early form has one amount of an order and one of a refund."""
        super().begin(head, separator)
        if "settled" not in self.found_columns:
            raise ValueError("no amount of the order")
        self._is_early = "ordered" not in self.found_columns

    def read_values(self, number: int, values: Sequence[str], *, is_mended: bool) -> BillLine:
        """One payment, refund or reversal."""
        (
            at_text, merchant, sub_merchant, trade_no, out_trade_no, state, currency, settled_text, refunded_text,
            refunded_coupon_text, ordered_text, applied_text, coupon_text, fee_text, rate, attach, asked_at,
            refund_id, out_refund_no, refund_state,
        ) = values  # fmt: skip
        read = read_cents if currency in _CENTS else lambda text: read_minor(text, currency)
        net, refunded = read(settled_text), read(refunded_text)
        refunded_coupon, ordered = read(refunded_coupon_text), read(ordered_text)
        applied, coupon, fee = read(applied_text), read(coupon_text), read_fee(fee_text)
        if self._is_early:
            ordered, applied = net, refunded
        at = read_china_time(asked_at or at_text)
        if state == "SUCCESS":
            kind, word, amount, settled = _PAYMENT, state, ordered, net
            refund_id = out_refund_no = ""
        else:
            kind, word = self._find_kind(state, refund_state)
            amount, settled, coupon = applied or refunded, -refunded, refunded_coupon
        if amount <= 0 or len(rate) > 20:
            raise UnreadLine("订单金额" if state == "SUCCESS" else "退款金额", ordered_text)
        if not is_digits(trade_no) or not out_trade_no:
            raise UnreadLine("商户订单号", out_trade_no)
        check_numbers(out_trade_no, trade_no, out_refund_no, refund_id, sub_merchant, rate)
        self._check(number, merchant, sub_merchant, at)
        sums = self._sums.of(currency)
        sums[0] += net
        sums[1] += refunded
        sums[2] += refunded_coupon
        sums[3] += ordered
        sums[4] += applied
        sums[_FEE] += fee
        return BillLine._make((
            self.part, number, kind, word, out_trade_no, trade_no, out_refund_no, refund_id, "", at, currency, amount,
            currency, settled, coupon, fee, currency, rate, sub_merchant if sub_merchant != "0" else "", None,
            "" if is_mended or not attach else decode_escapes(attach),
        ))  # fmt: skip

    def _find_kind(self, state: str, refund_state: str) -> tuple[BillKind, str]:
        if state == "REVOKED":
            return BillKind.REVERSAL, state
        if state != "REFUND":
            raise UnknownWord("交易状态", state)
        if refund_state not in REFUND_KINDS:
            raise UnknownWord("退款状态", refund_state)
        return REFUND_KINDS[refund_state], f"{state} {refund_state}"

    def _check(self, number: int, merchant: str, sub_merchant: str, at: object) -> None:
        expected = self.expected
        if expected.parties and merchant not in expected.parties:
            self.notice(ProblemCode.PARTY, number, "商户号", merchant, " ".join(expected.parties))
        if expected.sub_parties and sub_merchant not in expected.sub_parties:
            self.notice(ProblemCode.PARTY, number, "特约商户号", sub_merchant, " ".join(expected.sub_parties))
        if not self.begins_at <= at < self.ends_at:  # type: ignore[operator]
            self.notice_day(number, "交易时间", at)  # type: ignore[arg-type]

    def find_sum(self, total: str) -> Decimal | None:
        """The number of lines, or the sum of a column."""
        if total == "总交易单数":
            return Decimal(self.summary.line_count)
        position = _TOTALS.get(total)
        return None if position is None else self._sums.total(position, is_fee=position == _FEE)
