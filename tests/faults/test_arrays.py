"""The rows hold what they promise, counted one by one."""

import itertools
import math

from scanforpay_django.sandbox.faults import FAULTS
from tests.faults.arrays import ROW, cover_triples, ordered_pairs

NAMES = tuple(FAULTS)


def test_every_pair_is_there_in_both_orders() -> None:
    pairs = ordered_pairs(NAMES)
    assert len(set(pairs)) == len(pairs) == len(NAMES) ** 2
    assert {(one, other) for one in NAMES for other in NAMES} == set(pairs)


def test_any_three_faults_meet_in_a_row() -> None:
    rows = cover_triples(NAMES)
    met = {frozenset(three) for row in rows for three in itertools.combinations(row, 3)}
    assert {len(set(row)) for row in rows} == {ROW}
    assert len(met) == math.comb(len(NAMES), 3)
    # each row holds four threes: without any twice there would be a quarter as many
    assert len(rows) < len(met) / 3


def test_the_rows_are_the_same_each_time_and_go_both_ways() -> None:
    rows = cover_triples(NAMES)
    assert cover_triples(NAMES) == rows
    first, last = NAMES[0], NAMES[-1]
    assert {row.index(first) < row.index(last) for row in rows if first in row and last in row} == {
        True,
        False,
    }
