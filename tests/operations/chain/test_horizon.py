"""How far the chain is."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone as django_timezone

from scanforpay_django import clock
from scanforpay_django.operations.chain.horizon import MARGIN, Horizon

HORIZON = Horizon(
    passed={"event": 50},
    seen={"event": 60},
    seen_at=0,
    old_end={"event": 20},
    old={"event": 10},
    waiting={"event": [30]},
)


@pytest.mark.parametrize(
    ("pk", "is_linked"),
    [(-1, True), (10, True), (11, False), (20, False), (21, True), (30, False), (50, True), (51, False)],
)
def test_which_rows_must_have_a_link(pk: int, is_linked: bool) -> None:
    assert HORIZON.is_linked("event", pk) is is_linked


def test_there_and_back() -> None:
    assert Horizon.from_json(HORIZON.as_json(), ["event"]) == HORIZON


def test_a_table_that_a_later_version_covers_begins_with_its_first_row() -> None:
    found = Horizon.from_json(HORIZON.as_json(), ["event", "refund"])
    assert (found.passed["refund"], found.old["refund"], found.old_end["refund"]) == (0, 0, 0)
    assert not found.is_linked("refund", 1)


@pytest.mark.parametrize("ahead", [MARGIN, -MARGIN, timedelta(days=2)])
def test_what_was_seen_is_passed_later(ahead: timedelta) -> None:
    horizon = Horizon.begin({"event": 7})
    now: datetime = clock.host_now()
    assert django_timezone.is_aware(now)
    assert not horizon.is_due(now)
    assert horizon.is_due(now + ahead + timedelta(seconds=5 if ahead > timedelta() else -5))
    assert horizon.is_filling()
