"""How many differences are open, and how much they are about."""

import pytest

from scanforpay_django import clock
from scanforpay_django.models import Difference, Store
from scanforpay_django.operations.reconciliation.open_sums import read_open
from scanforpay_django.operations.staff_scope import Scope
from tests.admin.reconciliation import DAY, make_scene
from tests.operations.figures.calendar import At, at, store

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db(transaction=True)
ALL = Scope(sees_all=True)


def test_by_bill_day_and_currency(store: Store, at: At, django_assert_num_queries) -> None:
    at("2026-11-28 12:00")
    scene = make_scene(store)
    with django_assert_num_queries(1):
        found = read_open(ALL)
    assert (found.total.number, found.total.lines, found.total.amounts) == (3, 3, {"CNY": 5266})
    assert found.by_bill == {scene.days[1].pk: found.total}
    assert (found.oldest_day, found.newest_day, found.by_day[DAY]) == (DAY, DAY, 3)


def test_whichever_side_has_more_and_no_currencies_together(store: Store, at: At) -> None:
    at("2026-11-28 12:00")
    make_scene(store)
    Difference.objects.filter(kind="fee_rate").update(kind="amount", amount=-500, currency="JPY")
    Difference.objects.filter(kind="refund_unknown").update(kind="missing_there")
    found = read_open(ALL)
    assert found.total.amounts == {"CNY": 5260, "JPY": 500}
    # What is missing in a bill is no line of it.
    assert (found.total.number, found.total.lines) == (3, 2)


def test_closed_ones_notes_and_those_of_others_are_left_out(store: Store, at: At) -> None:
    at("2026-11-28 12:00")
    make_scene(store)
    assert read_open(Scope()).total.number == 0
    assert read_open(Scope(store_ids=frozenset({store.pk}))).total.number == 3
    Difference.objects.filter(kind="fee_rate").update(kind="discount")
    Difference.objects.filter(kind="refund_unknown").update(closed_at=clock.now())
    assert read_open(ALL).total.number == 1
    Difference.objects.update(closed_at=clock.now())
    assert read_open(ALL).newest_day is None
