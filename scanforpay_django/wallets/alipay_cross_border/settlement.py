"""The settlement and transaction files of AlipayHK and of Alipay in foreign currency: by SFTP or from a console, never
by API.

| file | between values | types | moments | ends with |
|---|---|---|---|---|
| AlipayHK, MID_settle_YYYYMMDD_BatchID.csv | comma | PAYMENT REFUND CANCEL | MM/DD/YYYY HH:MM | nothing |
| spot payment | bar | P R | YYYY-MM-DD HH:MM:SS | nothing; Partner and Total_count above the head, where there are |
| zip of wap_hk: batches, and their files | comma | payment refund reversal | YYYY-MM-DD HH:MM:SS | the batch's sums |
| Antom, transactionItems_..., settlementItems_... | comma | PAYMENT REFUND CANCEL | ISO 8601 | <END> |

Source: docs.antom.com/ac/openapi/settlement, /ac/barcode_hk/settlementfile, /ac/wap_hk/settlemtfile,
/ac/merchant_qr_code_hk/transfile and /ac/reconcile/settlement_details. "Original number" is there on request only.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from scanforpay_django import money
from scanforpay_django.wallets.bills.amounts import check_numbers, read_any_time, read_fee, read_minor
from scanforpay_django.wallets.bills.bill_type import BillType
from scanforpay_django.wallets.bills.columns import find_columns, split_quoted
from scanforpay_django.wallets.bills.part_reader import PartReader, UnknownWord, UnreadLine
from scanforpay_django.wallets.bills.reading import BillShape
from scanforpay_django.wallets.bills.values import BillKind, BillLine, BillProblem, Expected, ProblemCode

SETTLEMENT = "settlement"
KINDS = {
    "PAYMENT": BillKind.PAYMENT, "P": BillKind.PAYMENT, "CAPTURE": BillKind.PAYMENT,
    "REFUND": BillKind.REFUND, "R": BillKind.REFUND,
    "CANCEL": BillKind.REVERSAL, "REVERSAL": BillKind.REVERSAL, "REVERSE": BillKind.REVERSAL,
}  # fmt: skip
# L: liquidated, P: made; F: a refund that failed.
DONE_STATUSES = frozenset({"", "SETTLED", "SUCCESS", "L", "P"})
SETTLED_STATUSES = frozenset({"SETTLED", "L"})
FAILED_STATUS = "F"
END_MARK = "<END>"
_COUNT = re.compile(r"Partner:\s*(\d+)\|Payment_time:\s*([\d-]+)[^|]*\|Total_count:\s*(\d+)")


class SettlementReader(PartReader):
    """All four, by the names of their columns."""

    names: ClassVar[Mapping[str, Sequence[str]]] = {
        "number": ("partner_transaction_id", "transactionrequestid"),
        "trade_no": ("transaction_id", "transactionid"),
        "original": ("original_partner_transaction_id", "originaltransactionrequestid"),
        "amount": ("amount", "transaction_amount", "transactionamountvalue"),
        "currency": ("currency", "transactioncurrency"),
        "priced": ("trans_amount",),
        "priced_currency": ("trans_currency",),
        "fee": ("fee", "charge_amount", "feeamountvalue"),
        "fee_currency": ("feecurrency",),
        "settled": ("settlement", "settlementamountvalue"),
        "settled_currency": ("settlementcurrency",),
        "rate": ("rate",),
        "paid_at": ("payment_time", "paymenttime", "transactiontime"),
        "settled_at": ("settlement_time", "settlementtime"),
        "type": ("type", "transaction_type", "transactiontype"),
        "status": ("status",),
        "party": ("secondary_merchant_id", "referencemerchantid"),
    }
    required = frozenset()
    separators = (",", "|", "\t")
    picked = (
        "number", "trade_no", "original", "amount", "currency", "priced", "priced_currency", "fee", "fee_currency",
        "settled", "settled_currency", "rate", "paid_at", "type", "status", "party",
    )  # fmt: skip
    needed = frozenset({"number", "trade_no", "amount", "currency", "fee", "paid_at", "type"})

    @classmethod
    def find_head(cls, lines: Sequence[str]) -> tuple[int, str] | None:
        """The names have been written with other capitals and with blanks."""
        for position, line in enumerate(lines[:4]):
            for separator in cls.separators:
                try:
                    found = find_columns(_fold(line.split(separator)), cls.names)
                except ValueError:
                    continue
                if cls.needed <= set(found):
                    return position, separator
        return None

    def __init__(self, part: int, expected: Expected) -> None:
        super().__init__(part, expected)
        self._count: int | None = None
        self._is_ended = False
        #: currency -> what the rows add up to: amount, fee in hundred-thousandths, settled
        self.sums: dict[str, list[int]] = {}

    def read_preamble(self, number: int, line: str) -> None:
        """Whose it is, the day, and how many rows follow."""
        if found := _COUNT.search(line):
            partner, _day, count = found.groups()
            self._count = int(count)
            if self.expected.parties and partner not in self.expected.parties:
                self.notice(ProblemCode.PARTY, number, "Partner", partner, " ".join(self.expected.parties))

    def begin(self, head: Sequence[str], separator: str) -> None:
        """Where the columns stand."""
        names = _fold(head)
        where = find_columns(names, self.names)
        self._separator = separator
        self._width = width = max(position for position, name in enumerate(names) if name) + 1
        self._pick = itemgetter(*(where.get(name, width) for name in self.picked))
        # A settlement is of the day on which it was made, with payments of the days before; "": not a file of those.
        self._day_at = where.get("settled_at", where["paid_at"])
        self._columns = frozenset(where)
        self._has_end = "transactionrequestid" in names
        self.take = self._take_row

    def _take_row(self, number: int, line: str) -> BillLine | None:
        if line.strip(" ,\t") == END_MARK:
            self._is_ended = True
            return None
        if not line.strip(" ,|\t"):
            return None
        values = split_quoted(line, self._separator) if '"' in line else line.split(self._separator)
        if values is None or len(values) != self._width or self._is_ended:
            raise UnreadLine("", f"{len(values or [])} values, {self._width} columns")
        values = [value.strip(" \t") for value in values]
        row = self._read_values(number, self._pick([*values, ""]), values[self._day_at])
        self.summary.line_count += 1
        return row

    def _read_values(self, number: int, values: Sequence[str], day_text: str) -> BillLine:
        (
            own, trade_no, original, amount_text, currency, priced, priced_currency, fee_text, fee_currency,
            settled_text, settled_currency, rate, paid_at, word, status, party,
        ) = values  # fmt: skip
        kind = _find_kind(word, status)
        at = read_any_time(paid_at)
        # "composed of digits and assigned by Alipay"
        if not own or not (trade_no.isascii() and trade_no.isalnum()) or len(rate) > 20:
            raise UnreadLine("Partner_transaction_id", own)
        check_numbers(own, trade_no, original, party, rate)
        stated = read_minor(amount_text, currency)
        # What was ordered, where it was priced in another currency than the settlement's.
        shown, amount = (
            (priced_currency, read_minor(priced, priced_currency)) if priced else (currency, stated)
        )
        settled_currency = settled_currency if "settled_currency" in self._columns else currency
        settled = read_minor(settled_text, settled_currency) if settled_text else None
        if amount == 0 or bool(priced) is not bool(priced_currency):
            raise UnreadLine("Amount", amount_text)
        is_said = "settled_currency" in self._columns and settled_currency
        if settled is None and (is_said or status.upper() in SETTLED_STATUSES):
            raise UnreadLine("Settlement", settled_text)
        fee, fee_currency = read_fee(fee_text), fee_currency or settled_currency
        money.exponent(fee_currency)
        if kind is BillKind.REFUND and stated > 0 and fee > 0:
            fee = _sign_returned(fee, stated, settled if settled_currency == currency else None)
        self._check_day(number, day_text, at)
        self._add(settled_currency, kind, stated, fee, settled)
        out_trade_no, out_refund_no = _find_numbers(kind, own, original, trade_no)
        return BillLine(
            self.part, number, kind, f"{word} {status}".strip(), out_trade_no, trade_no, out_refund_no, "", "", at,
            shown, abs(amount), settled_currency if settled is not None else "",
            settled, None, fee, fee_currency, rate, party, None, "",
        )  # fmt: skip

    def _check_day(self, number: int, day_text: str, at: datetime) -> None:
        day = read_any_time(day_text) if day_text else at
        if not self.begins_at <= day < self.ends_at:
            self.notice_day(number, "Settlement_time", day)

    def _add(self, currency: str, kind: BillKind, amount: int, fee: int, settled: int | None) -> None:
        sums = self.sums.setdefault(currency, [0, 0, 0])
        sums[0] += abs(amount) if kind is BillKind.PAYMENT else -abs(amount)
        sums[1] += fee
        sums[2] += settled or 0

    def finish(self, *, ends_with_line: bool) -> None:
        """Most of them say nothing of where they end."""
        if self._count is not None:
            count = self.summary.line_count
            self.compare("Total_count", str(self._count), count, is_equal=count == self._count)
            self.end(is_whole=ends_with_line and count >= self._count)
        elif self._has_end:
            self.end(is_whole=ends_with_line and self._is_ended)
        else:
            self.end(is_whole=None if ends_with_line else False)


class BatchReader(PartReader):
    """The batches of a zip: what each of its settlement files adds up to together."""

    required = frozenset({"Settle_batch_no", "Settle_date", "Amount", "Fee", "Settlement", "Currency"})
    has_lines = False

    def __init__(self, part: int, expected: Expected) -> None:
        super().__init__(part, expected)
        #: currency -> settled in major units, as the file states it
        self.settled: dict[str, Decimal] = {}

    def begin(self, head: Sequence[str], separator: str) -> None:
        """Where currency and sum stand."""
        self._separator, self._currency, self._settled = (
            separator,
            head.index("Currency"),
            head.index("Settlement"),
        )
        self.take = self._take_row

    def _take_row(self, number: int, line: str) -> None:
        values = [value.strip() for value in line.split(self._separator)]
        if values == [""]:
            return
        try:
            currency, settled = values[self._currency], Decimal(values[self._settled])
        except (IndexError, ArithmeticError) as error:
            raise UnreadLine("Settlement", line) from error
        money.exponent(currency)
        self.settled[currency] = self.settled.get(currency, Decimal(0)) + settled

    def finish(self, *, ends_with_line: bool) -> None:
        """Its rows are compared with the files beside it."""
        self.end(is_whole=None if ends_with_line else False)


def compare_batches(parts: Sequence[PartReader]) -> Sequence[BillProblem]:
    """The batches' sums are those of the rows; then the archive is whole."""
    batches = [part for part in parts if isinstance(part, BatchReader)]
    files = [part for part in parts if isinstance(part, SettlementReader)]
    if not batches:
        return []
    problems = []
    for currency in {currency for batch in batches for currency in batch.settled}:
        stated = sum((batch.settled.get(currency, Decimal(0)) for batch in batches), Decimal(0))
        minor = sum(file.sums.get(currency, [0, 0, 0])[2] for file in files)
        found = Decimal(minor).scaleb(-money.exponent(currency))
        if stated != found:
            problems.append(
                BillProblem(
                    code=ProblemCode.TOTAL_DIFFERS, part=batches[0].part, field=f"Settlement {currency}",
                    stated=str(stated), expected=str(found),
                )
            )  # fmt: skip
    if not problems:
        for part in (*batches, *files):
            part.summary.is_whole = True if part.summary.is_whole is None else part.summary.is_whole
    return problems


def _fold(head: Sequence[str]) -> list[str]:
    return [name.strip(' \t"`\ufeff').replace(" ", "").lower() for name in head]


def _find_numbers(kind: BillKind, own: str, original: str, trade_no: str) -> tuple[str, str]:
    """(of the payment, of the refund): the first column has the number of whichever the row is about. That of a
    cancelled trade is Alipay's own.
    """
    if kind in (BillKind.REFUND, BillKind.FAILED_REFUND):
        return original, own
    return (original if own == trade_no else own), ""


def _sign_returned(fee: int, told: int, settled: int | None) -> int:
    """A refund whose amounts have no sign mirrors a payment: what it costs the merchant is its amount less the fee, and
    the fee comes back. Where more is taken than the amount, the refund has a fee of its own. Source: the published file
    of a spot payment (555.00, fee 6.66, settlement 548.34); no page says it.
    """
    return fee if settled is not None and abs(settled) > told else -fee


def _find_kind(word: str, status: str) -> BillKind:
    kind = KINDS.get(word.upper())
    if kind is None:
        raise UnknownWord("Type", word)
    if status.upper() == FAILED_STATUS and kind is BillKind.REFUND:
        return BillKind.FAILED_REFUND
    if status.upper() not in DONE_STATUSES:
        raise UnknownWord("Status", status)
    return kind


SETTLEMENT_BILL_TYPES = {
    SETTLEMENT: BillType(
        name=SETTLEMENT,
        label=_("Settlement file"),
        shape=BillShape(readers=(SettlementReader, BatchReader), compare_parts=compare_batches),
    )
}
