"""Rows that hold every pair of values of any two axes at least once."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any


def _pairs(row: Mapping[str, Any]) -> set[tuple[tuple[str, Any], ...]]:
    return set(itertools.combinations(row.items(), 2))


def pairwise(axes: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Greedy: each row goes on from a pair that is still missing, and takes what covers most of the others."""
    missing = [
        ((one, first), (other, second))
        for one, other in itertools.combinations(axes, 2)
        for first, second in itertools.product(axes[one], axes[other])
    ]
    left = dict.fromkeys(missing)
    rows = []
    while left:
        row: dict[str, Any] = dict(next(iter(left)))
        for name, values in axes.items():
            if name not in row:
                row[name] = max(values, key=lambda value: _gain(row, name, value, left))
        row = {name: row[name] for name in axes}
        for pair in _pairs(row):
            left.pop(pair, None)
        rows.append(row)
    return rows


def _gain(row: Mapping[str, Any], name: str, value: Any, left: Mapping[Any, None]) -> int:
    there = row.items()
    return sum(((other, (name, value)) in left) + (((name, value), other) in left) for other in there)
