"""WeChat Pay's files: a head, values behind back-ticks, and two lines of totals.

Source: pay.weixin.qq.com/doc/v3/merchant/4013071246 and 4013071249 (formats of the trade bill and the fund bill).
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import ClassVar

from scanforpay_django import money
from scanforpay_django.wallets.bills.columns import (
    Form,
    clean_name,
    find_columns,
    one_piece,
    place,
    split_quoted,
)
from scanforpay_django.wallets.bills.part_reader import PartReader, UnreadLine
from scanforpay_django.wallets.bills.values import FEE_PLACES, BillLine

#: of a column that this file does not have: an amount, a text
_ABSENT = ["0.00", ""]


def decode_escapes(text: str) -> str:
    """What a merchant sent: a comma comes as a back-slash and a blank, a line end as a back-slash and n."""
    return text.replace("\\ ", ",").replace("\\n", "\n") if "\\" in text else text


class TickedReader(PartReader):
    """A line is split at comma and back-tick together, so that a comma in a title stays in the title."""

    #: our name -> the names that the column has had
    names: ClassVar[Mapping[str, Sequence[str]]]
    #: further columns that are known and not read
    unread: ClassVar[frozenset[str]] = frozenset()
    #: our name, or the head's name of what is not read -> the form that its values have; of all others nothing is known
    forms: ClassVar[Mapping[str, Callable[[str], bool]]]
    #: our names of the columns of a row, in the order of ``read_values``; of amounts, "0.00" stands for a missing one
    picked: ClassVar[tuple[str, ...]]
    #: which of these are amounts
    amounts: ClassVar[frozenset[str]] = frozenset()
    #: names of the first total
    totals_begin: ClassVar[frozenset[str]]
    #: whether such a file ends with totals; False: it may
    has_totals: ClassVar[bool] = True

    @abstractmethod
    def read_values(self, number: int, values: Sequence[str], *, is_mended: bool) -> BillLine:
        """A row from the picked values. Raises ValueError."""

    @abstractmethod
    def find_sum(self, total: str) -> Decimal | None:
        """What the rows add up to, in major units, or their number; None for a total that is not known or cannot be
        added up.
        """

    def begin(self, head: Sequence[str], separator: str) -> None:
        """Where the columns stand."""
        where = find_columns(head, self.names)
        width = self._width = len(head)
        self._pick: Callable[[Sequence[str]], tuple[str, ...]] = itemgetter(
            *(where.get(name, width if name in self.amounts else width + 1) for name in self.picked)
        )
        named = {position: name for name, position in where.items()}
        self._forms: list[Form] = [self.forms.get(named.get(at, name)) for at, name in enumerate(head)]
        self._weak = frozenset(at for at, form in enumerate(self._forms) if form is one_piece)
        self.found_columns = frozenset(where)
        self._total_names: list[str] = []
        self._is_closed = False
        self.note_unknown_columns(head, self.names, self.unread)
        self.take = self._take_row

    def _take_row(self, number: int, line: str) -> BillLine | None:
        if not line.startswith("`"):
            return self._take_other(number, line)
        values = line[1:].split(",`")
        is_mended = len(values) != self._width
        if is_mended:
            if self._begins_totals(line):
                return None
            values = self._mend(values)
        return self._take_values(number, values, is_mended=is_mended)

    def _take_values(self, number: int, values: list[str], *, is_mended: bool) -> BillLine:
        values += _ABSENT
        row = self.read_values(number, self._pick(values), is_mended=is_mended)
        self.summary.line_count += 1
        return row

    def _mend(self, values: list[str]) -> list[str]:
        mended = place(values, self._forms, self._weak)
        if mended is None:
            raise UnreadLine("", f"{len(values)} values, {self._width} columns")
        return mended

    def _take_other(self, number: int, line: str) -> BillLine | None:
        """A blank line, the head of the totals, or a line that a spreadsheet has put into quotes."""
        if not line.strip(" ,\t") or self._begins_totals(line):
            return None
        if line.startswith('"'):
            values = split_quoted(line, ",") or []
            if len(values) == self._width and all(value.startswith("`") for value in values):
                return self._take_values(number, [value[1:] for value in values], is_mended=False)
        raise UnreadLine("", line)

    def _begins_totals(self, line: str) -> bool:
        names = [clean_name(name) for name in line.split(",")]
        if names[0] not in self.totals_begin:
            return False
        self._total_names = names
        self.take = self._take_totals
        return True

    def _take_totals(self, number: int, line: str) -> None:
        values = [clean_name(value) for value in line.split(",")]
        if values == [""]:
            return
        if self._is_closed or len(values) < len(self._total_names):
            raise UnreadLine("", line)
        self._is_closed = True
        for name, value in zip(self._total_names, values, strict=False):
            if name:
                self._compare_total(name, value)

    def _compare_total(self, name: str, stated: str) -> None:
        found = self.find_sum(name)
        if found is None:
            self.summary.totals[name] = stated
            return
        try:
            is_equal = Decimal(stated) == found
        except ArithmeticError:
            is_equal = False
        self.compare(name, stated, found, is_equal=is_equal)

    def finish(self, *, ends_with_line: bool) -> None:
        """A file without its totals was cut, and so was one whose last line does not end."""
        if self._is_closed:
            self.end(is_whole=ends_with_line)
        else:
            self.end(is_whole=None if not self.has_totals and ends_with_line else False)


class Sums:
    """Sums of columns, by currency, in minor units."""

    def __init__(self, width: int) -> None:
        self._width = width
        self.by_currency: dict[str, list[int]] = {}

    def of(self, currency: str) -> list[int]:
        """The sums of one currency, to be added to."""
        return self.by_currency.setdefault(currency, [0] * self._width)

    def total(self, position: int, *, is_fee: bool = False) -> Decimal | None:
        """In major units; None where there are several currencies: no document says how the platform adds them up."""
        if not self.by_currency:
            return Decimal(0)
        if len(self.by_currency) > 1:
            return None
        [(currency, sums)] = self.by_currency.items()
        return Decimal(sums[position]).scaleb(-FEE_PLACES if is_fee else -money.exponent(currency))


def is_letters(text: str) -> bool:
    """Of a column of words in capitals: a type, a state, a currency."""
    return text.isascii() and text.replace("_", "").isalnum() and text.upper() == text


def is_letters_or_blank(text: str) -> bool:
    """Of a word that not every line has."""
    return not text or is_letters(text)


def is_digits(text: str) -> bool:
    """Of the platform's own numbers."""
    return text.isascii() and text.isdecimal()


def is_digits_or_blank(text: str) -> bool:
    """Of a number that not every line has."""
    return not text or is_digits(text)
