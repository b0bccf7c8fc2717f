"""The list of orders: its tabs, search and pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from scanforpay_django import clock
from scanforpay_django.admin import order_list
from scanforpay_django.models import Flag
from tests.admin.order_list import LIST, change, listed, pay, shown, today
from tests.rows import Rows

pytestmark = pytest.mark.django_db(transaction=True)
SHOP = "https://shop.example/notify"


def test_each_tab_has_its_orders_and_their_number(staff: Client, rows: Rows) -> None:
    made = {
        state: rows.order("", state=state) for state in ("pending", "paid", "refunded", "closed", "expired")
    }
    made["part"] = change(rows.order("", state="paid"), refunded_amount=100)
    made["flagged"] = rows.order("", state="paid")
    Flag.objects.create(order=made["flagged"], kind="late_payment")
    Flag.objects.create(order=made["paid"], kind="late_payment", cleared_at=clock.now())
    expected = {name: [order.pk] for name, order in made.items()}
    expected["paid"].append(made["flagged"].pk)
    for tab, keys in expected.items():
        assert listed(staff, state=tab) == sorted(keys), tab
        counts = {one["value"]: one["count"] for one in staff.get(LIST, {"state": tab}).context["tabs"]}
        assert counts == {"": 7, **{name: len(of) for name, of in expected.items()}}


def test_titles_and_buyers_are_found_within_the_days(
    staff: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    tea = change(rows.order(""), title="龙井茶 50 g")
    old_tea = change(rows.order(""), title="龙井茶 100 g", created_at=clock.now() - timedelta(days=9))
    bought = rows.order("")
    pay(bought, buyer="158****1234", payer_id="oABC")
    assert listed(staff, q="龙井") == sorted([tea.pk, old_tea.pk])
    assert listed(staff, q="龙井", **{"from": f"{today() - timedelta(days=1)}"}) == [tea.pk]
    assert listed(staff, q="****1234") == [bought.pk]
    assert listed(staff, q="oABC") == [bought.pk]
    assert listed(staff, q="100%") == []
    monkeypatch.setattr("scanforpay_django.operations.search.MOST_TEXTS", 2)
    assert listed(staff, q="龙井") == [old_tea.pk]


def test_a_rare_thing_is_looked_for_among_the_newest(
    staff: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = rows.order("", state="closed"), rows.order("", state="closed")
    assert listed(staff, state="closed") == [old.pk, new.pk]
    assert "Of the newest 100000 orders only." in shown(staff, state="closed").replace(",", "")
    monkeypatch.setattr(order_list, "NEWEST", 1)
    assert listed(staff, state="closed") == [new.pk]
    yesterday = f"{today() - timedelta(days=1)}"
    assert listed(staff, state="closed", **{"from": yesterday}) == [old.pk, new.pk]
    assert listed(staff, store__id__exact=old.store_id, state="closed") == [old.pk]
    assert "Of the newest" not in shown(staff)
    assert listed(staff) == [old.pk, new.pk]


def test_pages_keep_the_filter(staff: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        rows.order("", state="paid")
    monkeypatch.setattr("scanforpay_django.admin.order.OrderAdmin.list_per_page", 1)
    page = staff.get(LIST, {"state": "paid", "p": "2"})
    assert page.context["previous_page"] == "?p=1&state=paid"
    assert page.context["next_page"] == "?p=3&state=paid"
    assert page.context["tabs"][0]["query"] == "?"
    assert staff.get(LIST, {"state": "paid", "p": "3"}).context["next_page"] == ""


def test_few_statements_whatever_is_listed(
    staff: Client, rows: Rows, django_assert_max_num_queries: Any
) -> None:
    for _ in range(30):
        Flag.objects.create(order=rows.notification(SHOP).order, kind="late_payment")
    day = f"{today()}"
    for query in ({}, {"q": "tea"}, {"state": "flagged"}, {"from": day, "to": day, "least": "1"}):
        staff.get(LIST, query)
        with django_assert_max_num_queries(16):
            assert staff.get(LIST, query).status_code == 200
