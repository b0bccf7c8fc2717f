"""The overview's lines of differences and of bills that do not come."""

import pytest
from django.test import Client

from scanforpay_django.models import Difference, Store
from scanforpay_django.operations.overview.differences import MONEY, describe_differences
from tests.admin.reconciliation import make_scene, read_page
from tests.operations.figures.calendar import At, at, store
from tests.operations.overview.desk import PAGE, open_overview
from tests.operations.overview.test_page import read_queries
from tests.people import sign_in
from tests.rows import Rows

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_money_then_fees(store: Store, at: At, staff: Client) -> None:
    at("2026-11-28 12:00")
    make_scene(store)
    text = open_overview(staff)
    money = "2 payments or refunds are not as the platforms' bills say CNY 52.60 · since"
    fees = "1 difference is about a fee, a file or a notification CNY 0.06 · since"
    assert 0 < text.index(money) < text.index(fees)
    assert "differences/?" not in text
    page = staff.get(PAGE).content.decode()
    assert "/admin/scanforpay/difference/?day=all" in page


def test_late_bills_and_those_that_are_gone_soon(store: Store, at: At, staff: Client) -> None:
    at("2026-11-28 12:00")
    make_scene(store)
    Difference.objects.update(kind="bill_late", amount=None, currency="")
    Difference.objects.filter(number="C1").update(ours="gone from 2026-12-05 on")
    text = open_overview(staff)
    soon = "1 bill is missing, and gone for ever within ten days since"
    assert 0 < text.index(soon) < text.index("2 bills are late since")
    assert read_page(staff, kind="bill_late", day="all").count('name="selected"') == 3


def test_notes_and_closed_ones_are_no_trouble(store: Store, at: At, staff: Client) -> None:
    at("2026-11-28 12:00")
    make_scene(store)
    Difference.objects.update(kind="discount")
    text = open_overview(staff)
    assert "difference" not in text.lower().replace("reconciliation", "")


def test_ten_statements_and_only_for_those_who_may_see_them(
    store: Store, at: At, rows: Rows, staff: Client
) -> None:
    at("2026-11-28 12:00")
    make_scene(store)
    reader = sign_in("", "view_difference", "view_order", name="own", store=store)
    assert "not as the platforms' bills say" in open_overview(reader)
    for client in (staff, reader):
        assert len(read_queries(client)) <= 10
    for name, permissions, tied_to in (
        ("eve", ["view_difference"], rows.store()),
        ("till", ["view_order"], store),
    ):
        assert "bills say" not in open_overview(sign_in("", *permissions, name=name, store=tied_to))


def test_currencies_are_not_added_up() -> None:
    (line,) = describe_differences(
        [(MONEY, "CNY", 2, 500, 2), (MONEY, "JPY", 1, 300, 1), (MONEY, "", 1, 0, 3)]
    )
    assert (line.number, line.amounts, line.since) == (4, {"CNY": 500, "JPY": 300}, 1)
