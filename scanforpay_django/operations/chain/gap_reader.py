"""Which rows were removed or emptied rightly, by the links that say so and are what was written."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from scanforpay_django.models import ChainLink
from scanforpay_django.operations.chain.key_ranges import read_ranges
from scanforpay_django.operations.chain.open_chain import decode
from scanforpay_django.operations.chain.segment_keys import Segment, is_true

Act = ChainLink.Act


class GapReader:
    """The gaps of one table."""

    def __init__(self, kind: str, segments: dict[int, Segment]) -> None:
        self._kind = kind
        self._segments = segments

    def find_removed(self, pks: Collection[int]) -> set[int]:
        """Of these rows those that are removed, by what was said last."""
        removed: set[int] = set()
        for link, keys in self._read((Act.REMOVED, Act.RESTORED), pks):
            if link.act == Act.REMOVED:
                removed.update(keys)
            else:
                removed.difference_update(keys)
        return removed

    def find_erased(self, pks: Collection[int]) -> set[tuple[int, str]]:
        """Keys and columns that may be empty."""
        erased: set[tuple[int, str]] = set()
        for link, keys in self._read((Act.ERASED,), pks):
            column = str(decode(link.content).get("column", ""))
            erased.update((pk, column) for pk in keys)
        return erased

    def _read(self, acts: Sequence[str], pks: Collection[int]) -> Iterator[tuple[ChainLink, list[int]]]:
        """The links in their sequence, each with those of the rows that it names."""
        if not pks:
            return
        ordered = sorted(pks)
        links: Any = ChainLink.objects.filter(
            act__in=acts, kind=self._kind, row_pk__lte=ordered[-1], last_pk__gte=ordered[0]
        )
        for link in links.order_by("number").iterator(chunk_size=100):
            named = _named(link, ordered)
            if named and is_true(link, self._segments):
                yield link, named


def _named(link: ChainLink, ordered: list[int]) -> list[int]:
    try:
        ranges = list(read_ranges(str(decode(link.content).get("keys", ""))))
    except ValueError:
        return []
    return [
        pk
        for keys in ranges
        for pk in ordered[bisect_left(ordered, keys.start) : bisect_right(ordered, keys.stop - 1)]
    ]
