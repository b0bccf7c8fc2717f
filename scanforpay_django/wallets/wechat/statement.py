"""WeChat Pay global's statement: 38 columns, three currencies in a line.

Source: pay.weixin.qq.com/doc/global/v3/zh/4012354484. No file of it has been published: whether it ends with totals is
not said, so they are read where they are, and without them nothing but the hash says that a file is whole.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import ClassVar

from scanforpay_django.wallets.bills.amounts import (
    check_numbers,
    is_decimal,
    is_moment,
    read_china_time,
    read_fee,
    read_minor,
)
from scanforpay_django.wallets.bills.columns import one_piece
from scanforpay_django.wallets.bills.part_reader import UnknownWord, UnreadLine
from scanforpay_django.wallets.bills.values import BillKind, BillLine, ProblemCode
from scanforpay_django.wallets.wechat.ticked_reader import (
    TickedReader,
    decode_escapes,
    is_digits,
    is_digits_or_blank,
    is_letters,
    is_letters_or_blank,
)
from scanforpay_django.wallets.wechat.trade_bill import REFUND_KINDS

_STATES = frozenset({"SUCCESS", "REFUND", "REVOKED"})


class StatementReader(TickedReader):
    """Payments and refunds in the currency of the price; what is settled, in its own."""

    required = frozenset(
        {"交易时间", "微信订单号", "商户订单号", "交易状态", "标价币种", "订单金额(标价币种)", "结算币种"}
    )
    names: ClassVar[Mapping[str, Sequence[str]]] = {
        "at": ("交易时间",),
        "merchant": ("商户号",),
        "sub_merchant": ("子商户号",),
        "trade_no": ("微信订单号",),
        "out_trade_no": ("商户订单号",),
        "state": ("交易状态",),
        "refund_id": ("微信退款单号",),
        "out_refund_no": ("商户退款单号",),
        "refund_state": ("退款状态",),
        "attach": ("商户数据包",),
        "fee": ("手续费",),
        "rate": ("费率",),
        "currency": ("标价币种",),
        "ordered": ("订单金额(标价币种)",),
        "settled_currency": ("结算币种",),
        "settled": ("应结订单金额",),
        "applied": ("申请退款金额",),
        "refund_settled_currency": ("退款结算币种",),
        "refund_settled": ("退款应结订单金额",),
    }
    unread = frozenset(
        {
            "公众账号ID", "设备号", "用户标识", "交易类型", "付款银行", "充值券币种", "充值券金额", "优惠券币种",
            "优惠券金额", "退款类型", "商品名称", "用户支付币种", "用户支付金额", "支付汇率", "退款汇率",
            "用户退款币种", "用户退款金额", "充值券退款金额", "优惠券退款金额",
        }
    )  # fmt: skip
    forms: ClassVar[Mapping[str, Callable[[str], bool]]] = {
        "at": is_moment, "merchant": is_digits, "sub_merchant": is_digits_or_blank, "trade_no": is_digits,
        "out_trade_no": one_piece, "state": _STATES.__contains__, "refund_id": is_digits_or_blank,
        "out_refund_no": one_piece, "fee": is_decimal, "rate": one_piece, "currency": is_letters,
        "ordered": is_decimal, "settled_currency": is_letters, "settled": is_decimal,
        "refund_state": is_letters_or_blank, "公众账号ID": one_piece, "用户标识": one_piece, "交易类型": one_piece,
        "付款银行": one_piece, "充值券币种": one_piece, "充值券金额": one_piece, "优惠券币种": one_piece,
        "优惠券金额": one_piece,
        "退款类型": one_piece, "用户支付币种": one_piece, "用户支付金额": one_piece, "支付汇率": one_piece,
        "退款汇率": one_piece, "applied": one_piece, "用户退款币种": one_piece, "用户退款金额": one_piece,
        "refund_settled_currency": one_piece, "refund_settled": one_piece, "充值券退款金额": one_piece,
        "优惠券退款金额": one_piece,
    }  # fmt: skip
    picked = (
        "at", "merchant", "sub_merchant", "trade_no", "out_trade_no", "state", "refund_id", "out_refund_no",
        "refund_state", "attach", "fee", "rate", "currency", "ordered", "settled_currency", "settled", "applied",
        "refund_settled_currency", "refund_settled",
    )  # fmt: skip
    amounts = frozenset({"ordered", "settled", "applied", "refund_settled"})
    totals_begin = frozenset({"总交易单数"})
    has_totals = False

    def read_values(self, number: int, values: Sequence[str], *, is_mended: bool) -> BillLine:
        """One payment, refund or reversal. The exchange rates stay in the file."""
        (
            at_text, merchant, sub_merchant, trade_no, out_trade_no, state, refund_id, out_refund_no, refund_state,
            attach, fee_text, rate, currency, ordered, settled_currency, settled_text, applied, back_currency, back,
        ) = values  # fmt: skip
        at, fee = read_china_time(at_text), read_fee(fee_text)
        if state == "SUCCESS":
            kind, word, amount = BillKind.PAYMENT, state, read_minor(ordered, currency)
            settled = read_minor(settled_text, settled_currency)
            refund_id = out_refund_no = ""
        else:
            kind, word = self._find_kind(state, refund_state)
            amount = read_minor(applied, currency)
            settled_currency = back_currency
            settled = -read_minor(back, settled_currency)
        if amount <= 0 or len(rate) > 20:
            raise UnreadLine("订单金额(标价币种)" if state == "SUCCESS" else "申请退款金额", ordered)
        if not is_digits(trade_no) or not out_trade_no:
            raise UnreadLine("商户订单号", out_trade_no)
        check_numbers(out_trade_no, trade_no, out_refund_no, refund_id, sub_merchant, rate)
        self._check(number, merchant, sub_merchant)
        if not self.begins_at <= at < self.ends_at:
            self.notice_day(number, "交易时间", at)
        return BillLine(
            self.part, number, kind, word, out_trade_no, trade_no, out_refund_no, refund_id, "", at, currency, amount,
            settled_currency, settled, None, fee, settled_currency, rate, sub_merchant if sub_merchant != "0" else "",
            None, "" if is_mended or not attach else decode_escapes(attach),
        )  # fmt: skip

    @staticmethod
    def _find_kind(state: str, refund_state: str) -> tuple[BillKind, str]:
        if state == "REVOKED":
            return BillKind.REVERSAL, state
        if state != "REFUND":
            raise UnknownWord("交易状态", state)
        if refund_state not in REFUND_KINDS:
            raise UnknownWord("退款状态", refund_state)
        return REFUND_KINDS[refund_state], f"{state} {refund_state}"

    def _check(self, number: int, merchant: str, sub_merchant: str) -> None:
        expected = self.expected
        if expected.parties and merchant not in expected.parties:
            self.notice(ProblemCode.PARTY, number, "商户号", merchant, " ".join(expected.parties))
        if expected.sub_parties and sub_merchant not in expected.sub_parties:
            self.notice(ProblemCode.PARTY, number, "子商户号", sub_merchant, " ".join(expected.sub_parties))

    def find_sum(self, total: str) -> Decimal | None:
        """Its totals are of unknown currencies: only the number of lines is compared."""
        return Decimal(self.summary.line_count) if total == "总交易单数" else None
