"""Alipay's files: lines that begin with # before and behind the rows, values that end with a tab, commas not quoted.

Source: opendocs.alipay.com, alipay.data.dataservice.bill.downloadurl.query; the lines with # as they stand in files of
2012 to 2026 in public repositories.
"""

import re
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import ClassVar

from scanforpay_django.wallets.bills.columns import (
    Form,
    ended_with_tab,
    find_columns,
    one_piece,
    place,
    split_quoted,
    stripped,
)
from scanforpay_django.wallets.bills.part_reader import PartReader, UnreadLine
from scanforpay_django.wallets.bills.values import BillLine, ProblemCode

#: of a column that this file does not have
_ABSENT = ["0.00", ""]
_ACCOUNT = re.compile(r"#\s*账号：\[([0-9]{16})[0-9]*\]")
_DAY = r"([0-9]+)年([0-9]+)月([0-9]+)日"
_SPAN = re.compile(rf"#\s*起始日期：\[{_DAY}[^\]]*\]\s*终止日期：\[{_DAY} ?([0-9:]*)\]")
_END = re.compile(r"#-*[^-]*明细列表结束-*")
_EXPORTED = re.compile(r"#\s*导出时间：\[.+\]")


class FramedReader(PartReader):
    """Rows between two lines with #. The forms of the other columns decide which one a comma belongs to."""

    names: ClassVar[Mapping[str, Sequence[str]]]
    unread: ClassVar[frozenset[str]] = frozenset()
    #: our name, or the head's name -> the form that its values have; of all others nothing is known
    forms: ClassVar[Mapping[str, Callable[[str], bool]]]
    picked: ClassVar[tuple[str, ...]]
    amounts: ClassVar[frozenset[str]] = frozenset()
    #: the beginnings of the lines of totals
    totals: ClassVar[frozenset[str]]

    @abstractmethod
    def read_values(self, number: int, values: Sequence[str], *, is_mended: bool) -> BillLine:
        """A row from the picked values. Raises ValueError."""

    @abstractmethod
    def add_up(self, total: str) -> tuple[int, Decimal]:
        """The number of rows that a total is of, and their sum, as the total writes it."""

    def read_preamble(self, number: int, line: str) -> None:
        """Whose account it is, and of which days."""
        if found := _ACCOUNT.match(line):
            seller = found[1]
            if self.expected.parties and seller not in self.expected.parties:
                self.notice(ProblemCode.PARTY, number, "账号", seller, " ".join(self.expected.parties))
        if found := _SPAN.match(line):
            self._check_span(number, found)

    def _check_span(self, number: int, found: re.Match[str]) -> None:
        year, month, day, to_year, to_month, to_day = (int(found[at]) for at in range(1, 7))
        try:
            first, last = date(year, month, day), date(to_year, to_month, to_day)
        except ValueError:
            return
        # A day ends at midnight of the next one.
        if found[7] in ("", "00:00:00") and last > first:
            last -= timedelta(days=1)
        wanted = (self.expected.first_day, self.expected.last_day)
        if (first, last) != wanted:
            self.notice(
                ProblemCode.DAY, number, "起始日期", f"{first} – {last}", f"{wanted[0]} – {wanted[1]}"
            )

    def begin(self, head: Sequence[str], separator: str) -> None:
        """Where the columns stand."""
        where = find_columns(head, self.names)
        # Spreadsheets add commas behind the last column.
        self._width = width = max(position for position, name in enumerate(head) if name) + 1
        self._pick: Callable[[Sequence[str]], tuple[str, ...]] = itemgetter(
            *(where.get(name, width if name in self.amounts else width + 1) for name in self.picked)
        )
        named = {position: name for name, position in where.items()}
        self._forms: list[Form] = [
            self.forms.get(named.get(at, name)) for at, name in enumerate(head[:width])
        ]
        self._tabbed: frozenset[int] | None = None
        self.found_columns = frozenset(where)
        self._closed: set[str] = set()
        self._is_over = self._is_exported = False
        self.note_unknown_columns(head, self.names, self.unread)
        self.take = self._take_row

    def _take_row(self, number: int, line: str) -> BillLine | None:
        if line.startswith("#") or not line.strip(" ,\t"):
            self._take_frame(line)
            return None
        if self._is_over:
            raise UnreadLine("", line)
        values = (split_quoted(line, ",") if line.startswith('"') else None) or line.split(",")
        is_mended = len(values) != self._width
        if is_mended:
            values = self._mend(line, values)
        elif self._tabbed is None:
            # What the file puts behind a column's values in one row it puts there in all of them.
            self._tabbed = frozenset(at for at, value in enumerate(values) if value.endswith("\t"))
        values = [value.strip() for value in values]
        values += _ABSENT
        row = self.read_values(number, self._pick(values), is_mended=is_mended)
        self.summary.line_count += 1
        return row

    def _mend(self, line: str, values: list[str]) -> list[str]:
        tabbed = self._tabbed or frozenset()
        quoted = split_quoted(line, ",") if '"' in line else None
        if quoted and len(quoted) == self._width:
            return quoted
        forms = [
            ended_with_tab(form) if at in tabbed else stripped(form) for at, form in enumerate(self._forms)
        ]
        weak = frozenset(at for at, form in enumerate(self._forms) if form is one_piece) - tabbed
        mended = place(values, forms, weak)
        if mended is None:
            raise UnreadLine("", f"{len(values)} values, {self._width} columns")
        return mended

    def _take_frame(self, line: str) -> None:
        line = line.strip(" ,\t")
        if _END.fullmatch(line):
            self._is_over = True
        elif _EXPORTED.fullmatch(line):
            self._is_exported = True
        elif self._is_over:
            for total in self.totals:
                if line.lstrip("#").startswith(total):
                    self._compare(total, line)

    def _compare(self, total: str, line: str) -> None:
        numbers = re.findall(r"-?\d+(?:\.\d+)?", line)
        self._closed.add(total)
        count, amount = self.add_up(total)
        self.compare(
            total, line.lstrip("#"), f"{count}笔 {amount}", is_equal=_is_equal(numbers, count, amount)
        )

    def finish(self, *, ends_with_line: bool) -> None:
        """The time of export is the last line."""
        is_closed = self._is_over and self._is_exported and self._closed == self.totals
        self.end(is_whole=is_closed and ends_with_line)

    def check_moment(self, number: int, field: str, at: datetime) -> None:
        """Note a row of another day."""
        if not self.begins_at <= at < self.ends_at:
            self.notice_day(number, field, at)


def _is_equal(numbers: Sequence[str], count: int, amount: Decimal) -> bool:
    """The first two numbers of a line of totals are its count and its sum, with or without a minus."""
    return len(numbers) >= 2 and numbers[0] == str(count) and abs(Decimal(numbers[1])) == abs(amount)


class SummaryReader(PartReader):
    """The sums that lie beside the rows in an archive: they are kept, and not counted."""

    required = frozenset({"交易订单总笔数", "退款订单总笔数"})
    has_lines = False

    def begin(self, head: Sequence[str], separator: str) -> None:
        """Its last row is the sum of the others."""
        self._head, self._separator = head, separator
        self.take = self._take_row

    def _take_row(self, number: int, line: str) -> None:
        values = [value.strip() for value in line.split(self._separator)]
        if values[0].lstrip("#") == "合计":
            self.summary.totals |= {
                f"汇总 {name}": value
                for name, value in zip(self._head, values, strict=False)
                if name and value
            }

    def finish(self, *, ends_with_line: bool) -> None:
        """It says nothing of the rows' file."""
        self.end(is_whole=ends_with_line)


class AccountSummaryReader(SummaryReader):
    """The same of the bill of movements."""

    required = frozenset({"收入笔数", "支出笔数"})
