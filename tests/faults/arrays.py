"""Which faults come together: every two in order, and rows in which every three meet."""

import itertools
from collections.abc import Collection, Iterable, Sequence

#: faults of one row; more would hide each other
ROW = 4


def ordered_pairs(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Each name before each, itself included."""
    return list(itertools.product(names, repeat=2))


def cover_triples(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Rows of four names, so that any three different names are together in one of them. The same for the same names.

    Greedy: each row goes on from three that are still missing, and takes as the fourth what covers most of the others.
    Every second row is turned round, so that one name is not always before another.
    """
    missing = {frozenset(three): None for three in itertools.combinations(names, 3)}
    rows: list[tuple[str, ...]] = []
    while missing:
        first = next(iter(missing))
        others = [name for name in names if name not in first]
        best = max(others, key=lambda name: _count_new(first, name, missing))
        row = tuple(sorted((*first, best), key=names.index))
        for covered in itertools.combinations(row, 3):
            missing.pop(frozenset(covered), None)
        rows.append(row[::-1] if len(rows) % 2 else row)
    return rows


def _count_new(first: Iterable[str], name: str, missing: Collection[frozenset[str]]) -> int:
    return sum(frozenset((*pair, name)) in missing for pair in itertools.combinations(first, 2))
