"""Sums and lines of the list of orders, as staff read them."""

from datetime import timedelta

import pytest
from django.test import Client

from scanforpay_django.admin import order_list
from scanforpay_django.models import Flag, Notification
from scanforpay_django.operations import order_list as figures
from tests.admin.order_list import LIST, change, shown, today
from tests.rows import Rows

pytestmark = pytest.mark.django_db(transaction=True)
SHOP = "https://shop.example/notify"


def test_sums_are_by_currency_and_of_what_is_listed(staff: Client, rows: Rows) -> None:
    change(rows.order("", state="paid"), amount=2100)
    change(rows.order("", state="paid"), amount=900, refunded_amount=300)
    change(rows.order("", state="pending"), amount=5000)
    change(rows.order("", state="paid"), amount=210, currency="JPY")
    text = shown(staff, **{"from": f"{today() - timedelta(days=1)}"})
    assert "3 orders in CNYreceived CNY30.00 · CNY−3.00 refunded" in text
    assert "1 order in JPYreceived JPY210" in text
    assert "1 order in CNYreceived CNY9.00 · CNY−3.00 refunded" in shown(staff, state="part")
    assert "received CNY30.00" in shown(staff)


def test_more_than_is_added_up_is_at_least_so_many(
    staff: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "MOST", 2)
    monkeypatch.setattr(figures, "MOST_FLAGGED", 2)
    monkeypatch.setattr(order_list, "MOST_FLAGGED", 2)
    for _ in range(3):
        Flag.objects.create(order=rows.order("", state="paid"), kind="late_payment")
    page = staff.get(LIST, {"state": "paid"})
    assert [(one["count"], one["is_least"]) for one in page.context["tabs"] if one["value"] in ("", "paid")] == [
        (3, True), (3, True),
    ]  # fmt: skip
    text = shown(staff, state="paid")
    assert "at least 3 orders" in text
    assert "at least 3 orders in CNY" in text
    # Not all orders of the day were looked at.
    assert not page.context["listed"].days
    assert {one["is_least"] for one in page.context["tabs"]} == {True}
    assert "3+" in text


def test_a_line_says_whether_the_merchant_knows(staff: Client, rows: Rows) -> None:
    silent = rows.order("")
    message = rows.notification(SHOP)
    assert "nothing to send" in shown(staff, q=silent.order_no)
    for state, words in (("pending", "waiting"), ("delivered", "delivered"), ("exhausted", "given up")):
        Notification.objects.filter(pk=message.pk).update(state=state)
        assert words in shown(staff, q=message.order.order_no)
