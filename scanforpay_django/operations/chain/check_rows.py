"""Whether the covered rows are what their links say: none changed, removed or inserted."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from scanforpay_django.operations.chain.covered import Covered, in_parts, split_digests
from scanforpay_django.operations.chain.finding import ChainFinding
from scanforpay_django.operations.chain.gap_reader import GapReader
from scanforpay_django.operations.chain.horizon import Horizon
from scanforpay_django.operations.chain.segment_keys import Segment

PAGE = 1000
#: rows may be archived or put back between the statements of one look
LOOKS = 3

# a link's number, segment and content
_Link = tuple[int, int, str]


@dataclass
class RowCheck:
    """The check of one table."""

    covered: Covered
    horizon: Horizon
    segments: dict[int, Segment]
    # rows that have a link, and that have none yet and need none
    linked: int = 0
    waiting: int = 0
    _gaps: GapReader = field(init=False)

    def __post_init__(self) -> None:
        self._gaps = GapReader(self.covered.kind, self.segments)

    def run(self, first: int | None = None) -> Iterator[ChainFinding]:
        """All rows and links, or those from a key on, a page at a time."""
        is_over, after = False, None if first is None else first - 1
        while not is_over:
            links, rows, end = self._read_page(after)
            self._count(links, rows)
            found = self._compare(links, rows)
            for _look in range(LOOKS - 1):
                if found:
                    found = self._compare(*self._read(list(found)))
            for pk in sorted(found):
                yield found[pk]
            after, is_over = end, end is None

    def _read_page(self, after: int | None) -> tuple[dict[int, _Link], dict[int, Sequence[Any]], int | None]:
        """Links and rows from one key to another, which comes last; None at the end of both."""
        links, rows = self._links().order_by("row_pk", "number"), self._rows().order_by("pk")
        # Keys below 1 are none of the app's: whoever inserts such a row is named too.
        if after is not None:
            links, rows = links.filter(row_pk__gt=after), rows.filter(pk__gt=after)
        links, rows = list(links[:PAGE]), list(rows[:PAGE])
        ends = [page[-1][0] for page in (links, rows) if len(page) == PAGE]
        end = min(ends) if ends else None
        return (
            {pk: (*link,) for pk, *link in links if end is None or pk <= end},
            {pk: values for pk, *values in rows if end is None or pk <= end},
            end,
        )

    def _read(self, pks: Collection[int]) -> tuple[dict[int, _Link], dict[int, Sequence[Any]]]:
        links: dict[int, _Link] = {}
        rows: dict[int, Sequence[Any]] = {}
        for part in in_parts(pks):
            links |= {pk: (*link,) for pk, *link in self._links().filter(row_pk__in=part).order_by("number")}
            rows |= {pk: values for pk, *values in self._rows().filter(pk__in=part)}
        return links, rows

    def _links(self) -> Any:
        return self.covered.links().values_list("row_pk", "number", "segment", "content")

    def _rows(self) -> Any:
        return self.covered.rows.values_list("pk", *self.covered.columns)

    def _count(self, links: dict[int, _Link], rows: dict[int, Sequence[Any]]) -> None:
        self.linked += len(links.keys() & rows.keys())
        self.waiting += sum(
            1 for pk in rows.keys() - links.keys() if not self.horizon.is_linked(self.covered.kind, pk)
        )

    def _compare(self, links: dict[int, _Link], rows: dict[int, Sequence[Any]]) -> dict[int, ChainFinding]:
        """What does not agree, by key."""
        removed = self._gaps.find_removed(links.keys() | rows.keys())
        found: dict[int, ChainFinding] = {}
        changed: dict[int, list[str]] = {}
        for pk in links.keys() | rows.keys():
            if pk not in rows:
                if pk not in removed:
                    found[pk] = self._finding("row-removed", pk, links[pk][0])
            elif pk in removed or pk not in links:
                if pk in removed or self.horizon.is_linked(self.covered.kind, pk):
                    found[pk] = self._finding("row-inserted", pk)
            elif columns := self._changed_columns(pk, links[pk], rows[pk]):
                changed[pk] = columns
        for pk, columns in self._without_erased(changed, rows).items():
            found[pk] = self._finding("row-changed", pk, links[pk][0], columns)
        return found

    def _changed_columns(self, pk: int, link: _Link, values: Sequence[Any]) -> list[str]:
        _number, segment_number, content = link
        segment = self.segments.get(segment_number)
        if segment is not None and segment.key is None:
            # Said once, of the segment.
            return []
        names = segment.columns.get(self.covered.kind, []) if segment else []
        try:
            digests = split_digests(content)
        except ValueError:
            digests = []
        if segment is None or segment.key is None or len(digests) != len(names):
            return ["the link says nothing of its columns"]
        stored = dict(zip(self.covered.columns, values, strict=True))
        return [
            name
            for name, digest in zip(names, digests, strict=True)
            if name in stored
            and segment.key.column_digest(self.covered.kind, pk, name, stored[name]) != digest
        ]

    def _without_erased(
        self, changed: dict[int, list[str]], rows: dict[int, Sequence[Any]]
    ) -> dict[int, list[str]]:
        """Columns that are empty, and of which the chain says that they may be, are as they ought to be."""
        erased = self._gaps.find_erased(changed.keys())
        left: dict[int, list[str]] = {}
        for pk, columns in changed.items():
            stored = dict(zip(self.covered.columns, rows[pk], strict=True))
            if kept := [name for name in columns if stored.get(name, name) or (pk, name) not in erased]:
                left[pk] = kept
        return left

    def _finding(self, code: str, pk: int, number: int = 0, columns: Sequence[str] = ()) -> ChainFinding:
        about = f"{self.covered.model._meta.verbose_name} {pk}"
        if number:
            about += f", link {number}"
        return ChainFinding(code=code, about=about + (f": {', '.join(columns)}" if columns else ""))
