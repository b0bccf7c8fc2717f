"""common/close: the platform confirms it, and a paid order stays paid."""

from scanforpay_django.exceptions import PlatformUnreachable
from scanforpay_django.models import Order
from tests.merchant import Merchant
from tests.scripted import Platform, platform, start

__all__ = ["platform"]


def test_close_is_confirmed_and_repeatable(merchant: Merchant, platform: Platform) -> None:
    made = merchant.create(partnerOrderNo="p1")
    start(Order.objects.get(), "a")
    for _ in range(2):
        closed = merchant.call("/api/common/close", {"partnerOrderNo": "p1", "action": "close"})
        assert (closed["code"], closed["status"], closed["orderNo"]) == (1, 2, made["orderNo"])
    assert list(platform.trades.values()) == ["closed"]
    event = Order.objects.get().events.get()
    assert (event.source, event.actor) == ("api", "10001")


def test_a_paid_order_may_not_be_cancelled(merchant: Merchant, platform: Platform) -> None:
    merchant.create(partnerOrderNo="p1")
    start(Order.objects.get(), "a")
    assert platform.pay(next(iter(platform.trades)))
    refused = merchant.call("/api/common/close", {"partnerOrderNo": "p1", "action": "close"})
    assert refused["code"] == 34
    assert merchant.query(partnerOrderNo="p1")["status"] == 1


def test_a_platform_that_is_away_closes_nothing(merchant: Merchant, platform: Platform) -> None:
    merchant.create(partnerOrderNo="p1")
    start(Order.objects.get(), "a")
    platform.script["query"] = PlatformUnreachable()
    assert merchant.call("/api/common/close", {"partnerOrderNo": "p1", "action": "close"})["code"] == 22
    assert Order.objects.get().state == "pending"
