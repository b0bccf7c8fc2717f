"""What is chosen of the reconciliation page. The list's tests open it with each filter."""

from datetime import date
from typing import Any

import pytest
from django.contrib.admin.options import IncorrectLookupParameters

from scanforpay_django.admin.difference_filters import find_day, read_day, read_key
from scanforpay_django.operations.reconciliation.open_sums import OpenDifferences

DAY = date(2026, 11, 27)


@pytest.mark.parametrize("text", ["x", "2026-13-01", "2026-11-27x", "9" * 40])
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(IncorrectLookupParameters):
        read_day(text)


def test_keys() -> None:
    assert [read_key(text) for text in ("", None, "17")] == [None, None, 17]
    for text in ("x", "-1", "9" * 19, "１"):
        with pytest.raises(IncorrectLookupParameters):
            read_key(text)


@pytest.mark.parametrize(
    ("query", "day"),
    [
        ({}, DAY),
        ({"day": "2026-11-20"}, date(2026, 11, 20)),
        ({"day": "all"}, None),
        ({"kind": "amount"}, None),
        ({"state": "closed"}, None),
        ({"bill": "7", "day": "2026-11-20"}, date(2026, 11, 20)),
        ({"p": "2"}, DAY),
    ],
)
def test_without_a_choice_the_list_is_of_the_newest_day(
    rf: Any, query: dict[str, str], day: date | None
) -> None:
    request = rf.get("/", query)
    request.scanforpay_open_differences = OpenDifferences()
    request.scanforpay_open_differences.by_day[DAY] += 1
    assert find_day(request) == day
