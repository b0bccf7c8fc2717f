"""A partner never sees or touches what is another's: every call, with every number of a stranger."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from scanforpay_django import clock
from scanforpay_django.flows.apply_payment import apply_payment
from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.flows.refund_order import RequestedRefund, request_refund
from scanforpay_django.models import (
    Notification,
    Order,
    OrderEvent,
    Partner,
    Payment,
    Refund,
    SignKey,
    Store,
    WalletAccount,
)
from scanforpay_django.urls import calls
from scanforpay_django.wallets.base import PaymentResult, TradeState
from tests.causes import API, NOTIFICATION
from tests.merchant import Merchant, add_account, envelope, header, seed_merchant
from tests.scripted import Platform, platform, start

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)
VICTIM_KEY = "the key of 10002"
ABSENT = "there-is-no-such-number"


@pytest.fixture
def quick(settings: Any) -> None:
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 0


@pytest.fixture
def stranger(db: None, platform: Platform, quick: None) -> Merchant:
    """Who calls: partner 10001, with a store of its own."""
    return seed_merchant()


@pytest.fixture
def victim(stranger: Merchant, platform: Platform) -> dict[str, str]:
    """Another partner with a paid order, an open order and a refund; all its numbers by name."""
    partner = Partner.objects.create(partner_no="10002", name="Coffee house")
    key = SignKey(partner=partner, name="1")
    key.set_secret(VICTIM_KEY)
    key.save()
    store = Store.objects.create(partner=partner, store_no="200", name="Coffee")
    add_account(store, "Wechat", {}, {})
    merchant = Merchant(partner=partner, store=store)
    for number in ("paid-1", "open-1"):
        order = Order.objects.create(
            partner=partner, store=store, partner_order_no=number, wallet="Wechat", amount=2100, currency="CNY",
            fingerprint="x", expires_at=clock.now() + timedelta(minutes=20), notify_url="https://shop.example/n",
        )  # fmt: skip
        payment = Payment.objects.get(out_trade_no=start(order, "a").params["number"])
        if number == "paid-1":
            result = PaymentResult(
                out_trade_no=payment.out_trade_no,
                state=TradeState.PAID,
                amount=2100,
                currency="CNY",
                trade_no="t1",
            )
            apply_payment(payment, result, NOTIFICATION)
            carry_out(request_refund(order, RequestedRefund(cause=API, refund_no="refund-1", amount=700)))
    paid, still_open = (Order.objects.get(partner_order_no=name) for name in ("paid-1", "open-1"))
    return {
        "store_no": merchant.store.store_no,
        "paid": paid.partner_order_no,
        "paid_order_no": paid.order_no,
        "open": still_open.partner_order_no,
        "open_order_no": still_open.order_no,
        "refund_no": "refund-1",
        "out_refund_no": Refund.objects.get().out_refund_no,
        "out_trade_no": paid.payments.get().out_trade_no,
        "trade_no": "t1",
        "token": paid.token,
        "scan_token": paid.scan_token,
        "public_id": WalletAccount.objects.get(store=store).public_id[:32],
    }


def rows() -> dict[type, list[tuple[object, ...]]]:
    """Everything that is the victim's."""
    watched = (Order, Payment, Refund, OrderEvent, Notification)
    of_victim = {model: model.objects.filter(**{PATHS[model]: "10002"}) for model in watched}
    return {model: sorted(map(repr, found.values_list())) for model, found in of_victim.items()}  # type: ignore[misc]


PATHS = {
    Order: "partner__partner_no",
    Payment: "order__partner__partner_no",
    Refund: "partner__partner_no",
    OrderEvent: "order__partner__partner_no",
    Notification: "order__partner__partner_no",
}
CREATE = {"partnerOrderNo": "mine", "wallet": "Wechat", "orderAmount": 2100, "currency": "CNY"}
# call -> the fields of a stranger's number, and the rest of the body
WALKS: dict[str, tuple[tuple[str, ...], dict[str, object]]] = {
    "jspay/create": (("storeNo",), CREATE),
    "online/create": (("storeNo",), CREATE),
    "offline/qrcode": (("storeNo",), CREATE),
    "offline/create": (("storeNo",), CREATE),
    "counter/create": (("storeNo",), {**CREATE, "counterNo": "till-1"}),
    "offline/pay": (("storeNo",), {**CREATE, "barcode": "134567890123456789"}),
    "common/payQuery": (("partnerOrderNo", "orderNo", "storeNo"), {}),
    "common/close": (("partnerOrderNo", "orderNo", "storeNo"), {"action": "close"}),
    "common/refund": (("partnerOrderNo",), {"refundNo": "mine", "orderAmount": 100}),
    "common/refundQuery": (("refundNo",), {}),
}


def steps(numbers: dict[str, str]) -> Iterator[tuple[str, dict[str, object], dict[str, object]]]:
    """A call with a stranger's number, and the same with a number that is nobody's."""
    for call, (fields, rest) in WALKS.items():
        for field in fields:
            for number in numbers.values():
                nobodys = ABSENT[: len(number)] if field != "storeNo" else ABSENT[:15]
                wanted = number if field != "storeNo" else number[:15]
                also = {"partnerOrderNo": "mine"} if field == "storeNo" and not rest else {}
                yield call, {**rest, **also, field: wanted}, {**rest, **also, field: nobodys}


def test_the_walk_knows_every_call() -> None:
    assert sorted(WALKS) == sorted(str(one.pattern) for one in calls)


def test_every_number_of_a_stranger_is_as_good_as_none(stranger: Merchant, victim: dict[str, str]) -> None:
    before, walked = rows(), 0
    for call, theirs, nobodys in steps(victim):
        told = stranger.call(f"/api/{call}", theirs)
        assert told == stranger.call(f"/api/{call}", nobodys), (call, theirs)
        assert told["code"] in (3, 30), (call, theirs, told)
        walked += 1
    assert walked == len(victim) * sum(len(fields) for fields, _rest in WALKS.values())
    assert rows() == before
    assert not Order.objects.filter(partner=stranger.partner).exists()


def test_the_same_numbers_of_ones_own_are_ones_own(stranger: Merchant, victim: dict[str, str]) -> None:
    """Numbers are unique per partner: taking a stranger's is no way to its order."""
    before = rows()
    assert stranger.create(partnerOrderNo="paid-1")["code"] == 1
    assert stranger.query(partnerOrderNo="paid-1")["status"] == 0
    body = {"partnerOrderNo": "paid-1", "refundNo": "refund-1", "orderAmount": 700}
    assert stranger.call("/api/common/refund", body)["code"] == 32
    assert stranger.call("/api/common/close", {"partnerOrderNo": "paid-1", "action": "close"})["status"] == 2
    assert rows() == before


def test_a_strangers_key_opens_nothing(stranger: Merchant, victim: dict[str, str]) -> None:
    for call in WALKS:
        raw = envelope(header(partnerNo="10002"), {"orderNo": victim["paid_order_no"]})
        answer = stranger.post(f"/api/{call}", raw).json()
        assert (answer["response"]["body"]["code"], answer["signature"]) == (8, "")
