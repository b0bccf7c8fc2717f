"""common/refund and common/refundQuery, over HTTP."""

import json

import pytest

from scanforpay_django.exceptions import PlatformRefused, PlatformTimeout
from scanforpay_django.models import Order, Partner, Refund, Store
from tests.merchant import Merchant, envelope, header, order_body
from tests.paid_order import figures, order, pay, quick, refund
from tests.scripted import Platform, platform, start
from tests.threads import raced

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


def raw_refund(number: str = "r1", amount: int = 700) -> bytes:
    return envelope(header(), {"partnerOrderNo": "p1", "refundNo": number, "orderAmount": amount})


def send(merchant: Merchant, path: str, raw: bytes) -> dict:
    return json.loads(merchant.post(f"/api/common/{path}", raw).content)["response"]["body"]


def test_the_bytes_of_a_refund_that_failed_start_nothing(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    """The shop asks again under another number; whoever has seen the first call sends its bytes once more."""
    captured = raw_refund()
    platform.script["refund"] = PlatformRefused(platform_code="NOT_ENOUGH")
    assert send(merchant, "refund", captured)["status"] == 2
    platform.script.clear()
    assert refund(merchant, "r2")["status"] == 1
    for _ in range(2):
        assert send(merchant, "refund", captured)["status"] == 2
    assert list(platform.refunds.values()) == [700]
    # A new call of the shop's own with the same number goes out again.
    assert refund(merchant, "r1")["status"] == 1


def test_the_bytes_of_a_refund_that_was_refused_start_nothing_later(
    merchant: Merchant, platform: Platform, quick: None
) -> None:
    merchant.create(partnerOrderNo="p1")
    captured = raw_refund()
    assert send(merchant, "refund", captured)["code"] == 32
    pay(platform, Order.objects.get())
    assert send(merchant, "refund", captured)["code"] == 32
    assert not platform.refunds
    assert refund(merchant)["status"] == 1


def test_20_identical_calls_at_once_of_a_refund_that_fails_try_once(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    tries: list[int] = []

    def refuse(_real: object) -> None:
        tries.append(1)
        raise PlatformRefused(platform_code="NOT_ENOUGH")

    platform.script["refund"] = refuse
    captured = raw_refund()
    told = raced(20, lambda: send(merchant, "refund", captured)["code"])
    assert len(told) == 20
    assert len(tries) == 1
    assert send(merchant, "refund", captured)["status"] == 2
    assert len(tries) == 1


def test_20_identical_creates_at_once_make_one_order(merchant: Merchant, platform: Platform) -> None:
    raw = envelope(header(), order_body(partnerOrderNo="p9"))
    told = raced(20, lambda: merchant.post("/api/jspay/create", raw).json()["response"]["body"]["orderNo"])
    assert len(set(told)) == 1
    assert Order.objects.count() == 1


@pytest.mark.parametrize("path", ["payQuery", "refund", "refundQuery", "close"])
def test_a_body_meant_for_another_call_closes_nothing(
    merchant: Merchant, platform: Platform, path: str
) -> None:
    """The published signature covers neither path nor use."""
    create = order_body(partnerOrderNo="p1")
    merchant.call("/api/jspay/create", create)
    query = {"partnerOrderNo": "p1", "storeNo": create["storeNo"]}
    for body in (create, query, {**query, "refundNo": "r1", "orderAmount": 700}):
        send(merchant, path, envelope(header(), body))
    assert merchant.query(partnerOrderNo="p1")["status"] == 0


def test_the_bytes_of_a_close_that_did_not_succeed_close_nothing_later(
    merchant: Merchant, platform: Platform
) -> None:
    merchant.create(partnerOrderNo="p1")
    start(Order.objects.get(), "a")
    platform.script["query"] = PlatformTimeout()
    captured = envelope(header(), {"partnerOrderNo": "p1", "action": "close"})
    assert send(merchant, "close", captured)["code"] == 21
    platform.script.clear()
    assert send(merchant, "close", captured)["status"] == 0
    assert merchant.call("/api/common/close", {"partnerOrderNo": "p1", "action": "close"})["status"] == 2


def test_a_refund_that_was_refused_is_not_carried_out_when_its_bytes_come_again(
    merchant: Merchant, platform: Platform, quick: None
) -> None:
    """The order was not there yet when the call was captured."""
    raw = envelope(header(), {"partnerOrderNo": "p1", "refundNo": "r1", "orderAmount": 700})
    assert b'"code":30' in merchant.post("/api/common/refund", raw).content
    merchant.create(partnerOrderNo="p1")
    pay(platform, Order.objects.get())
    for _ in range(2):
        assert b'"code":1,' not in merchant.post("/api/common/refund", raw).content
    assert not platform.refunds
    assert refund(merchant)["status"] == 1


def test_nor_is_a_closing(merchant: Merchant) -> None:
    raw = envelope(header(), {"partnerOrderNo": "p1", "action": "close"})
    assert b'"code":30' in merchant.post("/api/common/close", raw).content
    merchant.create(partnerOrderNo="p1")
    merchant.post("/api/common/close", raw)
    assert Order.objects.get().state == "pending"


def test_why_a_refund_failed_fits_into_msg(merchant: Merchant, order: Order, platform: Platform) -> None:
    Store.objects.update(language="en")
    platform.script["refund"] = PlatformRefused(platform_code="X" * 64)
    assert 0 < len(refund(merchant)["msg"]) <= 100
