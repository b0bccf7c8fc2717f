"""Differences as a table. The file is in tests/admin/test_difference_buttons.py."""

import pytest

from scanforpay_django.models import Difference, Store
from scanforpay_django.operations.reconciliation import export
from scanforpay_django.operations.reconciliation.export import COLUMNS, difference_rows
from tests.admin.reconciliation import make_scene
from tests.operations.figures.calendar import At, at, store

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_all_rows_a_part_at_a_time(store: Store, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    at("2026-11-28 12:00")
    make_scene(store)
    whole = list(difference_rows(Difference.objects.all()))
    monkeypatch.setattr(export, "TOGETHER", 1)
    assert list(difference_rows(Difference.objects.all())) == whole
    assert len(whole) == 3
    assert {len(row) for row in whole} == {len(COLUMNS)}


def test_amounts_by_their_currency(store: Store, at: At) -> None:
    at("2026-11-28 12:00")
    make_scene(store)
    place = [str(column.heading) for column in COLUMNS].index("amount")
    for kind, amount, currency, text in (
        ("amount", -500, "JPY", "-500"),
        ("refund_unknown", 1234, "KWD", "-1.234"),
        ("amount", 7, "XXX", "7"),
        ("bill_late", None, "", ""),
    ):
        Difference.objects.filter(number="C1").update(kind=kind, amount=amount, currency=currency)
        (row,) = difference_rows(Difference.objects.filter(number="C1"))
        assert row[place] == text
