"""Reads one file of a bill, line by line. A shape fills in what its lines are."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from scanforpay_django.wallets.bills.amounts import CHINA, china_day
from scanforpay_django.wallets.bills.columns import clean_name
from scanforpay_django.wallets.bills.values import BillLine, BillProblem, BillSummary, Expected, ProblemCode

#: so many characters of a line are kept with its problem; the file is kept whole
MAX_RAW = 4000
#: so many lines that do not read are kept one by one
MAX_PROBLEMS = 10_000
#: other merchants, other days: so many of each are named
MAX_NOTICES = 50
#: a head stands in one of the first lines
MAX_PREAMBLE = 40


class UnreadLine(ValueError):
    """A line that does not read."""

    code = ProblemCode.LINE_UNREAD

    def __init__(self, field: str, stated: str) -> None:
        super().__init__(f"{field}: {stated[:80]!r}")
        self.field = field
        self.stated = stated


class UnknownWord(UnreadLine):
    """A status or type that is not known."""

    code = ProblemCode.WORD_UNKNOWN


def kept_text(text: str, size: int = MAX_RAW) -> str:
    """As every database holds it: none of them holds NUL."""
    return text[:size].replace("\0", "\\0")


class PartReader(ABC):
    """One file of one shape."""

    # -- what a shape fills in -------------------------------------------------------------------

    #: columns without which a head is another shape's
    required: ClassVar[frozenset[str]]
    #: what may stand between values
    separators: ClassVar[tuple[str, ...]] = (",",)
    #: whether its lines count; False for a file of sums that lies beside them
    has_lines: ClassVar[bool] = True

    @abstractmethod
    def begin(self, head: Sequence[str], separator: str) -> None:
        """Learn where the columns stand, and set ``take``. Raises ValueError for a head that does not read."""

    def read_preamble(self, number: int, line: str) -> None:  # noqa: B027
        """A line before the head."""

    @abstractmethod
    def finish(self, *, ends_with_line: bool) -> None:
        """After the last line: compare totals, and set ``summary.is_whole``."""

    # -- what is final ---------------------------------------------------------------------------

    #: reads a line: a row, or None for a line that is none. Raises ValueError. It changes as the file goes on.
    take: Callable[[int, str], BillLine | None]

    def __init__(self, part: int, expected: Expected) -> None:
        self.part = part
        self.expected = expected
        self.summary = BillSummary()
        self._problems: list[BillProblem] = []
        self._noticed: dict[ProblemCode, set[str]] = {}
        self._refused = 0
        first = datetime.combine(expected.first_day, datetime.min.time(), CHINA)
        last = datetime.combine(expected.last_day, datetime.min.time(), CHINA) + timedelta(days=1)
        #: the days it is about, [begins_at, ends_at)
        self.begins_at, self.ends_at = first.astimezone(UTC), last.astimezone(UTC)

    @classmethod
    def find_head(cls, lines: Sequence[str]) -> tuple[int, str] | None:
        """(position, separator) of the first line that has the required columns."""
        for position, line in enumerate(lines[:MAX_PREAMBLE]):
            for separator in cls.separators:
                if cls.required.issubset(clean_name(name) for name in line.split(separator)):
                    return position, separator
        return None

    def start(self, lines: Sequence[str]) -> None:
        """Read the preamble and the head. Raises ValueError for a head that does not read."""
        position, separator = self.find_head(lines) or (0, ",")
        #: the number of the line behind the head
        self.first_row = position + 2
        for number, line in enumerate(lines[:position], start=1):
            self.read_preamble(number, line)
        names = [clean_name(name) for name in lines[position].split(separator)]
        self.summary.head = kept_text(lines[position].strip())
        self.begin(names, separator)

    def read_block(self, first: int, lines: Sequence[str]) -> list[BillLine]:
        """The rows among the lines."""
        found = []
        for number, line in enumerate(lines, start=first):
            try:
                row = self.take(number, line)
            except ValueError as error:
                self.refuse(number, line, error)
            else:
                if row is not None:
                    found.append(row)
        return found

    def refuse(self, number: int, line: str, error: ValueError) -> None:
        """A line that does not read counts as one, and as no money."""
        self.summary.line_count += 1
        self.summary.unread_count += 1
        self._refused += 1
        if self._refused > MAX_PROBLEMS:
            return
        if not isinstance(error, UnreadLine):
            error = UnreadLine("", str(error))
        self.add(error.code, line_no=number, field=error.field, stated=error.stated, raw=line)

    def add(
        self,
        code: ProblemCode,
        *,
        line_no: int = 0,
        field: str = "",
        stated: str = "",
        expected: str = "",
        raw: str = "",
    ) -> None:
        """Note what is wrong with a line or with the file; reading goes on."""
        self._problems.append(
            BillProblem(
                code=code,
                part=self.part,
                line_no=line_no,
                field=kept_text(field, 100),
                stated=kept_text(stated, 200),
                expected=kept_text(expected, 200),
                raw=kept_text(raw),
            )
        )

    def notice(self, code: ProblemCode, number: int, field: str, stated: str, expected: str) -> None:
        """Something that a whole file may have in every line: each value is noted once, with its first line."""
        seen = self._noticed.setdefault(code, set())
        if stated not in seen and len(seen) < MAX_NOTICES:
            seen.add(stated)
            self.add(code, line_no=number, field=field, stated=stated, expected=expected)

    def notice_day(self, number: int, field: str, moment: datetime) -> None:
        """A line of another day."""
        days = f"{self.expected.first_day} – {self.expected.last_day}"
        self.notice(ProblemCode.DAY, number, field, china_day(moment).isoformat(), days)

    def compare(self, field: str, stated: str, found: object, *, is_equal: bool) -> None:
        """Note a problem where the bill's total is not the sum of its lines."""
        self.summary.totals[field] = stated
        if not is_equal:
            self.add(ProblemCode.TOTAL_DIFFERS, field=field, stated=stated, expected=str(found))

    def note_unknown_columns(
        self, head: Sequence[str], known: Mapping[str, Sequence[str]], more: frozenset[str]
    ) -> None:
        """Columns of a later year: what is known is read all the same."""
        names = {name for several in known.values() for name in several} | more
        for name in head:
            if name and name not in names:
                self.add(ProblemCode.COLUMN_UNKNOWN, field=name)

    def end(self, *, is_whole: bool | None) -> None:
        """Say whether the file ended as such files do."""
        self.summary.is_whole = is_whole
        if is_whole is False:
            self.add(ProblemCode.CUT)
        if self._refused > MAX_PROBLEMS:
            self.add(ProblemCode.TOO_MANY, stated=str(self._refused), expected=str(MAX_PROBLEMS))

    def drain(self) -> list[BillProblem]:
        """The problems since the last call."""
        found, self._problems = self._problems, []
        return found
