"""common/refund and common/refundQuery, over HTTP."""

import pytest

from scanforpay_django.exceptions import PlatformTimeout
from scanforpay_django.models import Order, Partner, Refund
from tests.merchant import Merchant
from tests.paid_order import figures, order, quick, refund
from tests.scripted import Platform, platform

__all__ = ["order", "platform", "quick"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_partial_refunds_up_to_the_whole(merchant: Merchant, order: Order, platform: Platform) -> None:
    first = refund(merchant, tradeSummary=True, operatorId="o")
    assert first == {
        "code": 1, "msg": "success", "refundNo": "r1", "partnerOrderNo": "p1", "orderAmount": 700,
        "currency": "CNY", "status": 1,
    }  # fmt: skip
    assert merchant.query(partnerOrderNo="p1")["status"] == 1
    assert refund(merchant, "r2", 1400)["status"] == 1
    assert merchant.query(partnerOrderNo="p1")["status"] == 3
    assert figures() == (2100, 2100, 0)
    assert sum(platform.refunds.values()) == 2100
    told = [(event.source, event.to_state, event.data.get("state")) for event in order.events.all()]
    assert told == [
        ("platform_notify", "paid", None),
        ("api", "paid", "requested"),
        ("platform_query", "paid", "succeeded"),
        ("api", "paid", "requested"),
        ("platform_query", "refunded", "succeeded"),
    ]
    assert refund(merchant, "r3", 1)["code"] == 35


def test_the_same_call_again_is_the_same_refund(merchant: Merchant, order: Order, platform: Platform) -> None:
    assert refund(merchant) == refund(merchant)
    assert list(platform.refunds.values()) == [700]
    assert refund(merchant, amount=701)["code"] == 31
    assert merchant.call("/api/common/refundQuery", {"refundNo": "r1"})["status"] == 1


@pytest.mark.parametrize(
    ("number", "amount", "code"),
    [("r1", 2101, 35), ("", 700, 4), ("r1", 0, 5), ("r1", None, 4), ("r 1", 700, 5), ("r1", "700", 5)],
)
def test_bad_refunds_are_named(
    merchant: Merchant, order: Order, number: str, amount: object, code: int
) -> None:
    assert refund(merchant, number, amount)["code"] == code
    assert figures() == (0, 0, 0)


def test_unknown_numbers_are_30(merchant: Merchant, order: Order) -> None:
    assert merchant.call("/api/common/refundQuery", {"refundNo": "r9"})["code"] == 30
    body = {"partnerOrderNo": "p9", "refundNo": "r1", "orderAmount": 1}
    assert merchant.call("/api/common/refund", body)["code"] == 30


def test_a_shop_that_cannot_wait_is_told_refunded_when_it_is_accepted(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    Partner.objects.update(accepted_is_refunded=True)
    platform.script["refund"] = PlatformTimeout()
    assert refund(merchant)["status"] == 1
    assert Refund.objects.get().state in Refund.UNFINISHED
