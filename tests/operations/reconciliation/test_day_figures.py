"""The newest compared day."""

from datetime import date

import pytest

from scanforpay_django.models import BillDay, Difference, Store
from scanforpay_django.operations.reconciliation.day_figures import (
    CurrencyFigures,
    DayFigures,
    read_day_figures,
)
from scanforpay_django.operations.reconciliation.open_sums import read_open
from scanforpay_django.operations.staff_scope import Scope
from tests.admin.reconciliation import DAY, make_scene
from tests.operations.figures.calendar import At, at, store

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db(transaction=True)
ALL = Scope(sees_all=True)


def read(scope: Scope = ALL) -> DayFigures | None:
    rows = BillDay.objects.select_related("bill")
    return read_day_figures(scope, rows, read_open(ALL))


@pytest.mark.parametrize(
    ("lines", "agreeing", "percent"),
    [(1252, 1249, "99.76"), (3, 3, "100"), (100_000, 99_999, "99.99"), (7, 0, "0.00"), (0, 0, "")],
)
def test_a_hundred_percent_is_all(lines: int, agreeing: int, percent: str) -> None:
    assert DayFigures(day=DAY, lines=lines, agreeing=agreeing, currencies=[]).percent == percent


@pytest.mark.parametrize(
    ("collected", "fees", "percent"), [(20_000, 120, "0.60"), (1, 1, "100.00"), (0, 5, ""), (300, -1, "")]
)
def test_the_part_that_fees_take(collected: int, fees: int, percent: str) -> None:
    found = CurrencyFigures(currency="CNY", collected=collected, fees=fees, net=0)
    assert found.fee_percent == percent


def test_lines_of_other_systems_are_not_among_them(store: Store, at: At) -> None:
    at("2026-11-28 12:00")
    make_scene(store)
    found = read()
    assert found is not None
    assert (found.day, found.lines, found.agreeing) == (DAY, 4, 1)
    (yuan,) = found.currencies
    assert (yuan.collected, yuan.fees, yuan.net) == (20_000, 120, 19_880)
    Difference.objects.all().delete()
    assert getattr(read(), "percent", "") == "100"


def test_what_is_another_stores_is_not_added_up(store: Store, at: At) -> None:
    at("2026-11-28 12:00")
    make_scene(store)
    found = read(Scope())
    assert found is not None
    assert found.currencies == []


def test_before_anything_was_compared(store: Store, at: At) -> None:
    at("2026-11-28 12:00")
    scene = make_scene(store)
    BillDay.objects.filter(day=date(2026, 11, 26)).delete()
    BillDay.objects.filter(pk=scene.days[1].pk).update(state="late")
    assert read() is None
