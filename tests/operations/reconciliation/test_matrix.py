"""Days and merchant numbers. What its fields show is in tests/admin/test_difference_list.py."""

from datetime import date, timedelta

import pytest

from scanforpay_django.models import BillDay, Store
from scanforpay_django.operations.reconciliation.matrix import Matrix, make_matrix
from scanforpay_django.operations.reconciliation.open_sums import read_open
from scanforpay_django.operations.staff_scope import Scope
from tests.admin.reconciliation import DAY, make_scene
from tests.operations.figures.calendar import At, at, store

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db(transaction=True)
ALL = Scope(sees_all=True)


def matrix(day: date | None = None, account: int | None = None) -> Matrix:
    return make_matrix(ALL, read_open(ALL), day=day, account=account)


def test_seven_days_to_yesterday_in_beijing(at: At) -> None:
    at("2026-11-28 00:00")
    assert [f"{day:%d}" for day in matrix().days] == ["27", "26", "25", "24", "23", "22", "21"]
    at("2026-11-27 23:59:59")
    assert matrix().days[0] == date(2026, 11, 26)


def test_an_older_day_is_shown_with_those_before_it(at: At) -> None:
    at("2026-11-28 12:00")
    assert matrix(DAY - timedelta(days=6)).days[0] == DAY
    assert matrix(date(2026, 8, 1)).days[0] == date(2026, 8, 1)
    for odd in (date(1, 1, 1), date(9999, 12, 31)):
        assert matrix(odd).days[0] == DAY


def test_a_bill_of_all_movements_has_a_column_of_its_own(store: Store, at: At) -> None:
    at("2026-11-28 12:00")
    scene = make_scene(store)
    same = {"merchant": scene.days[0].merchant, "number": scene.days[0].number, "account": scene.account}
    BillDay.objects.create(bill_type="fund", day=DAY, **same)
    notes = [column.note for column in matrix().columns]
    assert len(set(notes)) == 2
    assert notes[0] == store.name


def test_the_fields_of_a_day_stand_in_the_order_of_the_columns(store: Store, at: At) -> None:
    at("2026-11-28 12:00")
    make_scene(store)
    lines = dict(matrix().lines())
    ((column, cell),) = lines[DAY]
    assert cell is not None
    assert (column.cells[DAY], cell.number, cell.lines) == (cell, 3, 5)
    ((_column, nothing),) = lines[DAY - timedelta(days=5)]
    assert nothing is None
