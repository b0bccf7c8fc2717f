"""A whole bill: its files are unpacked, each is read by the shape that knows its head, and they are compared."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from scanforpay_django.wallets.bills.blocks import TextBlocks
from scanforpay_django.wallets.bills.part_reader import MAX_RAW, PartReader, kept_text
from scanforpay_django.wallets.bills.unpack import Part, open_parts
from scanforpay_django.wallets.bills.values import BillLine, BillProblem, BillSummary, Expected, ProblemCode


@dataclass(frozen=True, kw_only=True)
class BillShape:
    """How the files of one type of bill are read."""

    # each knows its own by the head
    readers: tuple[type[PartReader], ...]
    # what several files of an archive say together
    compare_parts: Callable[[Sequence[PartReader]], Sequence[BillProblem]] | None = None


@dataclass(frozen=True, kw_only=True)
class ReadBlock:
    """A few hundred lines."""

    lines: Sequence[BillLine]
    problems: Sequence[BillProblem]


class BillReading:
    """Iterate for the blocks; then ``summary`` is complete. Raises BillRefused for what cannot be unpacked."""

    def __init__(self, packed: IO[bytes], shape: BillShape, expected: Expected) -> None:
        self._packed = packed
        self._shape = shape
        self._expected = expected
        self._readers: list[PartReader] = []
        self._has_unknown = False
        self.summary = BillSummary()

    def __iter__(self) -> Iterator[ReadBlock]:
        for number, part in enumerate(open_parts(self._packed)):
            yield from self._read_part(number, part)
        yield ReadBlock(lines=(), problems=self._finish())

    def _read_part(self, number: int, part: Part) -> Iterator[ReadBlock]:
        blocks = TextBlocks(part.file)
        reader: PartReader | None = None
        for first, lines in blocks:
            if reader is None:
                reader = self._pick(number, lines)
                if reader is None:
                    yield ReadBlock(lines=(), problems=[self._not_known(number, part, lines)])
                    return
                first, lines = reader.first_row, lines[reader.first_row - first :]  # noqa: PLW2901
            yield ReadBlock(lines=reader.read_block(first, lines), problems=reader.drain())
        if reader is None:
            yield ReadBlock(lines=(), problems=[self._not_known(number, part, [])])
            return
        reader.finish(ends_with_line=blocks.ends_with_line)
        yield ReadBlock(lines=(), problems=reader.drain())

    def _pick(self, number: int, lines: Sequence[str]) -> PartReader | None:
        for kind in self._shape.readers:
            if kind.find_head(lines) is None:
                continue
            reader = kind(number, self._expected)
            try:
                reader.start(lines)
            except ValueError:
                continue
            self._readers.append(reader)
            return reader
        return None

    def _not_known(self, number: int, part: Part, lines: Sequence[str]) -> BillProblem:
        self._has_unknown = True
        raw = kept_text("\n".join(lines[:5]), MAX_RAW)
        return BillProblem(
            code=ProblemCode.HEAD_UNKNOWN, part=number, stated=kept_text(part.name, 200), raw=raw
        )

    def _finish(self) -> Sequence[BillProblem]:
        compare = self._shape.compare_parts
        problems = list(compare(self._readers)) if compare else []
        parts = [reader.summary for reader in self._readers]
        with_lines = [reader for reader in self._readers if reader.has_lines]
        summary = self.summary
        summary.head = next((reader.summary.head for reader in with_lines), "")
        for one in parts:
            summary.totals |= one.totals
        summary.line_count = sum(one.line_count for one in parts)
        summary.unread_count = sum(one.unread_count for one in parts)
        states = [one.is_whole for one in parts]
        if not with_lines or self._has_unknown or False in states:
            summary.is_whole = False
        else:
            summary.is_whole = None if None in states else True
        return problems
