"""Several orders of the list at once: each ends as it would alone, and a stranger's are not touched."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from scanforpay_django.admin import bulk_acts
from scanforpay_django.exceptions import PlatformUnreachable
from scanforpay_django.models import Notification, Order, Payment
from scanforpay_django.wallets.base import PaymentResult, TradeState
from tests.admin.test_order_desk import arrive, opened
from tests.merchant import Merchant
from tests.people import sign_in
from tests.rows import Rows
from tests.scripted import Platform, platform

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def orders(merchant: Merchant, platform: Platform) -> list[Order]:
    """Two wait for payment, the third is paid and its notification was given up."""
    for number in ("tea-1", "tea-2", "tea-3"):
        opened(merchant, platform, number)
    Order.objects.update(notify_url="https://shop.example/n")
    arrive(Payment.objects.get(order__partner_order_no="tea-3"))
    return list(Order.objects.order_by("pk"))


def press(client: Client, act: str, orders: list[Order], **more: str) -> Any:
    data = {"act": act, "selected": [order.pk for order in orders], "query": "state=pending", **more}
    return client.post(reverse("admin:scanforpay_order_bulk"), data)


def read(client: Client, answer: Any) -> str:
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("/order/?state=pending")
    return client.get(answer.headers["Location"]).content.decode()


def test_the_list_has_a_box_for_each_order_and_the_buttons(orders: list[Order], staff: Client) -> None:
    page = staff.get(reverse("admin:scanforpay_order_changelist")).content.decode()
    assert [f'value="{order.pk}"' in page for order in orders] == [True] * 3
    assert [f'value="{act}"' in page for act in bulk_acts.PERMISSIONS] == [True] * 3
    clerk = sign_in("", "view_order")
    page = clerk.get(reverse("admin:scanforpay_order_changelist")).content.decode()
    assert 'name="selected"' not in page
    assert 'name="act"' not in page


def test_closing_asks_first_and_leaves_what_is_paid(orders: list[Order], staff: Client) -> None:
    page = press(staff, "close", orders).content.decode()
    assert "2 orders that wait for payment" in page
    assert "1 selected order does not wait for payment and stays as it is." in page
    assert not Order.objects.filter(state="closed").exists()
    assert "2 orders were closed." in (said := read(staff, press(staff, "close", orders, _sure="1")))
    assert "For 1 order there was nothing to do." in said
    assert [order.state for order in Order.objects.order_by("pk")] == ["closed", "closed", "paid"]
    assert LogEntry.objects.filter(object_id__in=[str(one.pk) for one in orders[:2]]).count() == 2


def test_what_was_paid_meanwhile_stays_paid(orders: list[Order], staff: Client, platform: Platform) -> None:
    first = Payment.objects.get(order=orders[0])
    platform.trades[first.out_trade_no] = "paid"
    read(staff, press(staff, "close", orders[:2], _sure="1"))
    assert [order.state for order in Order.objects.order_by("pk")] == ["paid", "closed", "paid"]


def test_each_order_is_asked_about(orders: list[Order], staff: Client, platform: Platform) -> None:
    platform.trades[Payment.objects.get(order=orders[1]).out_trade_no] = "paid"
    said = read(staff, press(staff, "ask", orders))
    assert "The platforms were asked about 2 orders." in said
    assert Order.objects.get(pk=orders[1].pk).state == "paid"
    assert [order.events.filter(data__act="ask").count() for order in orders] == [1, 1, 0]


def test_one_that_fails_keeps_no_other_from_being_asked(
    orders: list[Order], staff: Client, platform: Platform
) -> None:
    first = Payment.objects.get(order=orders[1]).out_trade_no

    def query(number: str) -> Any:
        if number == first:
            raise PlatformUnreachable("no way there")
        return PaymentResult(out_trade_no=number, state=TradeState.UNPAID)

    platform.script["query"] = query
    said = read(staff, press(staff, "ask", orders[:2]))
    assert "The platform was asked about 1 order." in said
    assert "1 order failed: its timeline says why." in said


def test_notifications_are_resent(orders: list[Order], staff: Client) -> None:
    Notification.objects.update(state="exhausted", attempt_count=19)
    assert "The notification of 1 order will be resent." in read(staff, press(staff, "resend", orders))
    assert Notification.objects.get().state == "pending"


def test_slow_platforms_leave_the_rest_for_the_next_time(
    orders: list[Order], staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_acts, "MOST_SECONDS", 0.0)
    assert "3 orders are left, since the platforms were slow" in read(staff, press(staff, "ask", orders))
    assert not Order.objects.filter(events__data__act="ask").exists()


@pytest.mark.parametrize("act", ["ask", "resend", "close"])
def test_anothers_orders_and_a_missing_permission(orders: list[Order], rows: Rows, act: str) -> None:
    permission = bulk_acts.PERMISSIONS[act]
    other = rows.order("https://other.example/n")
    stranger = sign_in("", "view_order", permission, name="stranger", partner=other.partner)
    assert "No order is selected." in read(stranger, press(stranger, act, orders, _sure="1"))
    assert press(sign_in("", "view_order", name="reader"), act, orders).status_code == 403
    assert [order.state for order in Order.objects.order_by("pk")[:3]] == ["pending", "pending", "paid"]


@pytest.mark.parametrize("data", [{}, {"act": "delete"}, {"act": "ask"}, {"act": "ask", "selected": "x"}])
def test_nonsense_does_nothing(staff: Client, merchant: Merchant, data: dict[str, str]) -> None:
    assert staff.post(reverse("admin:scanforpay_order_bulk"), data).status_code == 302
    assert staff.get(reverse("admin:scanforpay_order_bulk")).status_code == 302


@pytest.mark.parametrize("key", ["9" * 30, "9" * 5000, "-1", "x"])
def test_what_can_be_no_key_selects_nothing(orders: list[Order], staff: Client, key: str) -> None:
    answer = staff.post(reverse("admin:scanforpay_order_bulk"), {"act": "ask", "selected": [key]})
    assert answer.status_code == 302
