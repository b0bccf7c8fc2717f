"""Filters of admin's lists."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from scanforpay_django import clock
from scanforpay_django.admin import list_filters
from scanforpay_django.models import (
    Flag,
    HandlerCall,
    Notification,
    Order,
    PlatformNotification,
    SignKey,
    Store,
    WalletAccount,
)
from tests.admin.pages import url
from tests.rows import Rows

pytestmark = pytest.mark.django_db(transaction=True)


def listed(staff: Client, model: Any, **query: Any) -> list[int]:
    page = staff.get(url(model, "changelist"), query)
    assert page.status_code == 200, page.status_code
    return sorted(row.pk for row in page.context["cl"].result_list)


def choices(staff: Client, model: Any, name: str, **query: Any) -> list[str]:
    filters = staff.get(url(model, "changelist"), query).context["cl"].filter_specs
    found = next(one for one in filters if getattr(one, "parameter_name", "") == name)
    return [str(value) for value, _label in found.lookup_choices]


def test_stores_partners_and_accounts_are_chosen(staff: Client, rows: Rows) -> None:
    mine, other = rows.store(), rows.store()
    message, _other = (
        rows.notification("https://a.example/", mine),
        rows.notification("https://b.example/", other),
    )
    account = WalletAccount.objects.create(store=mine, wallet="Wechat")
    heard = PlatformNotification.objects.create(account=account, event_id="1", body="")
    for model, query, expected in (
        (Order, {"store__id__exact": mine.pk}, [message.order_id]),
        (Notification, {"order__store__id__exact": mine.pk}, [message.pk]),
        (Store, {"partner__id__exact": mine.partner_id}, [mine.pk]),
        (SignKey, {"partner__id__exact": mine.partner_id}, [mine.partner.sign_keys.get().pk]),
        (PlatformNotification, {"account__id__exact": account.pk}, [heard.pk]),
        (PlatformNotification, {"account__id__exact": account.pk + 1}, []),
        (WalletAccount, {"wallet": "Wechat"}, [account.pk]),
        (WalletAccount, {"wallet": "Alipay"}, []),
    ):
        assert listed(staff, model, **query) == expected, (model, query)
    for odd in ("x", "-1", "9" * 40, "\u0661"):
        assert staff.get(url(Order, "changelist"), {"store__id__exact": odd}).status_code == 302


def test_a_store_that_is_not_offered_may_stand_in_the_address(
    staff: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_filters, "MAX_CHOICES", 2)
    stores = [rows.store() for _ in range(4)]
    order = rows.order("", stores[3])
    offered = [str(store.pk) for store in stores[:2]]
    assert choices(staff, Order, "store__id__exact") == offered
    query = {"store__id__exact": stores[3].pk}
    assert choices(staff, Order, "store__id__exact", **query) == [*offered, str(stores[3].pk)]
    assert listed(staff, Order, **query) == [order.pk]


def test_values_of_the_newest_rows_are_offered(staff: Client, rows: Rows) -> None:
    order = rows.order("")
    first = HandlerCall.objects.create(order=order, event="paid", handler="shop.ship")
    HandlerCall.objects.create(order=order, event="refunded", handler="shop.take_back")
    assert choices(staff, HandlerCall, "handler") == ["shop.ship", "shop.take_back"]
    assert choices(staff, HandlerCall, "event", event="gone") == ["gone", "paid", "refunded"]
    assert listed(staff, HandlerCall, handler="shop.ship") == [first.pk]
    assert listed(staff, HandlerCall, event="gone") == []


def test_an_order_with_two_flags_of_a_kind_is_listed_once(staff: Client, rows: Rows) -> None:
    flagged, _other = rows.order(""), rows.order("")
    Flag.objects.create(order=flagged, kind="late_payment", cleared_at=clock.now())
    Flag.objects.create(order=flagged, kind="late_payment")
    assert listed(staff, Order, flags__kind__exact="late_payment") == [flagged.pk]
    assert listed(staff, Order, flags__kind__exact="duplicate_payment") == []


def test_an_order_that_waits_for_a_wallet_is_found_by_it(staff: Client, rows: Rows) -> None:
    order = rows.order("")
    Order.objects.filter(pk=order.pk).update(wallet="Any")
    assert "Any" in choices(staff, Order, "wallet")
    assert listed(staff, Order, wallet="Any") == [order.pk]


def test_notifications_of_a_day(staff: Client, rows: Rows) -> None:
    """In the time zone of the page, as dates in the list are."""
    noon = timezone.localtime(clock.now()).replace(hour=12, minute=0, second=0, microsecond=0)
    ages = (0, 1, 2, 5, 6, 7, 40, 400)
    made = {}
    for days in reversed(ages):
        made[days] = rows.notification("https://a.example/")
        Notification.objects.filter(pk=made[days].pk).update(created_at=noon - timedelta(days=days))
    for value, expected in (("today", [0]), ("yesterday", [1]), ("week", [0, 1, 2, 5, 6])):
        assert listed(staff, Notification, created=value) == sorted(made[days].pk for days in expected), value
    day = noon - timedelta(days=40)
    assert listed(staff, Notification, created=f"{day:%Y-%m-%d}") == [made[40].pk]
    assert made[40].pk in listed(staff, Notification, created=f"{day:%Y-%m}")
    assert made[400].pk not in listed(staff, Notification, created=f"{day:%Y-%m}")
    this, last = (listed(staff, Notification, created=value) for value in ("month", "last_month"))
    assert made[0].pk in this
    assert not set(this) & set(last)
    assert f"{day:%Y-%m}" in choices(staff, Notification, "created", created=f"{day:%Y-%m}")


@pytest.mark.parametrize(
    "odd",
    ["x", "2026-13", "2026-02-30", "0000-01", "9" * 40, "0001-01-01", "9999-12-31", "9999-12", "0001-01"],
)
def test_a_day_that_is_none_does_no_harm(staff: Client, rows: Rows, odd: str) -> None:
    rows.notification("https://a.example/")
    assert staff.get(url(Notification, "changelist"), {"created": odd}).status_code in (200, 302)
