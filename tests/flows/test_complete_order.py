"""A merchant sends an order again that was rebuilt after a restore."""

from typing import Any

import pytest

from scanforpay_django import clock
from scanforpay_django.models import Notification, Order, RebuiltOrder
from tests.merchant import Merchant
from tests.scripted import Platform, platform, start
from tests.threads import raced

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)
BODY: dict[str, Any] = {"partnerOrderNo": "p1", "orderTitle": "Tea", "notifyUrl": "https://shop.example/n"}


@pytest.fixture
def rebuilt(merchant: Merchant, platform: Platform) -> Order:
    """Unpaid, and without what only its merchant knows."""
    merchant.create(partnerOrderNo="p1")
    Order.objects.update(fingerprint="", title="", notify_url="", entry="jspay")
    order = Order.objects.select_related("partner", "store").get()
    RebuiltOrder.objects.create(order=order, source="bill")
    return order


def pay(order: Order) -> None:
    """As the rebuilding leaves it: no notification was written, for there was no address."""
    start(order, "payer")
    order.payments.update(state="paid", is_applied=True, trade_no="t1", paid_at=clock.now(), paid_amount=2100)
    Order.objects.update(state="paid", paid_at=clock.now())


def test_what_was_lost_is_added_once(merchant: Merchant, rebuilt: Order) -> None:
    pay(rebuilt)
    first = merchant.create(**BODY)
    assert (first["code"], first["orderNo"]) == (1, rebuilt.order_no)
    rebuilt.refresh_from_db()
    assert (rebuilt.title, rebuilt.notify_url, len(rebuilt.fingerprint)) == ("Tea", BODY["notifyUrl"], 64)
    assert merchant.create(**BODY) == first
    assert merchant.create(**BODY | {"orderTitle": "other"})["code"] == 31
    assert Notification.objects.count() == 1


def test_one_that_is_not_paid_is_not_announced(merchant: Merchant, rebuilt: Order) -> None:
    assert merchant.create(**BODY)["code"] == 1
    assert RebuiltOrder.objects.get().completed_at is not None
    assert not Notification.objects.exists()


@pytest.mark.parametrize("change", [{"orderAmount": 2101}, {"currency": "HKD"}])
def test_money_that_differs_completes_nothing(
    merchant: Merchant, rebuilt: Order, change: dict[str, Any]
) -> None:
    merchant.store.wallet_accounts.update(currencies="CNY HKD")
    assert merchant.create(**BODY | change)["code"] != 1
    rebuilt.refresh_from_db()
    assert (rebuilt.fingerprint, rebuilt.notify_url) == ("", "")


@pytest.mark.postgres
def test_calls_at_once_announce_it_once(merchant: Merchant, rebuilt: Order) -> None:
    pay(rebuilt)
    answers = raced(4, lambda: merchant.create(**BODY))
    assert [one["code"] for one in answers] == [1] * 4
    assert Notification.objects.count() == 1
