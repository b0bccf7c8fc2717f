"""The client file against the whole house: an order's life, and errors that say what to do."""

import json
import time
from typing import Any

import pytest
import requests

from scanforpay_django.client import (
    ApiError,
    Client,
    IdempotencyConflict,
    InvalidOrderState,
    NotAllowed,
    NotFound,
    OrderStatus,
    RefundStatus,
    RefundTooLarge,
    RequestInvalid,
    SignatureInvalid,
    TryAgain,
)
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.models import Notification, Order, Partner, SignKey, WalletAccount
from tests.house import Shop, house, merchant, phones, shop
from tests.merchant import PARTNER_NO, SIGN_KEY, STORE_NO, Merchant

__all__ = ["house", "merchant", "phones", "shop"]
pytestmark = pytest.mark.django_db(transaction=True)
NEW: dict[str, Any] = {"store_no": STORE_NO, "partner_order_no": "p1", "wallet": "Wechat", "amount": 2100}


@pytest.fixture
def api(house: str, merchant: Merchant, settings: Any) -> Client:
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 5
    return Client(f"{house}/api/", PARTNER_NO, SIGN_KEY)


def pay(phones: Any, pay_url: str) -> None:
    phone = phones("wechat")
    phone.confirm(phone.open(pay_url))
    end = time.monotonic() + 15
    while Order.objects.get(partner_order_no="p1").state != "paid":
        assert time.monotonic() < end
        time.sleep(0.05)


def test_an_orders_life(api: Client, shop: Shop, phones: Any) -> None:
    Partner.objects.update(notify_refunds=True)
    made = api.create_order(**NEW, title="Tea", notify_url=shop.url, return_url="https://shop.example/done")
    assert (
        api.create_order(**NEW, title="Tea", notify_url=shop.url, return_url="https://shop.example/done")
        == made
    )
    assert api.query_order(order_no=made.order_no).status == 0
    pay(phones, made.pay_url)
    found = api.query_order(partner_order_no="p1", store_no=STORE_NO)
    assert (found.is_paid, found.amount, found.currency, found.order_no) == (True, 2100, "CNY", made.order_no)
    assert drain(max_seconds=10).delivered == 1
    assert api.read_notification(shop.bodies[0]) == found

    refund = api.refund(partner_order_no="p1", refund_no="r1", amount=700)
    assert refund == RefundStatus("r1", "p1", 700, "CNY", 1)
    assert refund.is_refunded
    assert api.query_refund("r1") == refund
    assert drain(max_seconds=10).delivered == 1
    assert api.read_notification(shop.bodies[1]) == refund
    with pytest.raises(RefundTooLarge):
        api.refund(partner_order_no="p1", refund_no="r2", amount=1401)
    with pytest.raises(InvalidOrderState):
        api.close_order(partner_order_no="p1")


@pytest.mark.parametrize("path", ["online/create", "offline/qrcode"])
def test_the_other_create_calls(api: Client, path: str) -> None:
    made = api.create_order(**NEW, currency="CNY", path=path)
    assert "/jspay/pay/" in made.pay_url


def test_errors_say_what_to_do(api: Client) -> None:
    made = api.create_order(**NEW)
    with pytest.raises(IdempotencyConflict) as taken:
        api.create_order(**{**NEW, "amount": 1})
    assert (taken.value.code, bool(taken.value.msg)) == (31, True)
    with pytest.raises(RequestInvalid):
        api.create_order(**{**NEW, "amount": 0})
    with pytest.raises(NotFound):
        api.query_order(partner_order_no="p9")
    with pytest.raises(NotFound):
        api.query_refund("r9")
    with pytest.raises(NotAllowed):
        api.create_order(**{**NEW, "store_no": "1"})
    assert isinstance(api.close_order(order_no=made.order_no), OrderStatus)
    assert api.query_order(order_no=made.order_no).status == 2
    with pytest.raises(NotAllowed):
        Client(api.base_url, PARTNER_NO, "another key").query_order(partner_order_no="p1")


def test_a_customers_code_is_charged(api: Client) -> None:
    WalletAccount.objects.update(grants="jsapi codepay trade_create")
    code = {"store_no": STORE_NO, "amount": 2100}
    assert api.charge_barcode(**code, partner_order_no="c1", barcode="134567890123456789").is_paid
    with pytest.raises(ApiError) as ended:
        api.charge_barcode(**code, partner_order_no="c2", barcode="130000000000000000")
    assert ended.value.code in (2, 21, 22), ended.value


def test_too_many_calls_say_when_to_come_back(api: Client) -> None:
    made = api.create_order(**NEW)
    Partner.objects.update(calls_per_minute=1)

    def ask_often() -> None:
        for _ in range(4):
            api.query_order(order_no=made.order_no)

    with pytest.raises(TryAgain) as ended:
        ask_often()
    assert 0 < (ended.value.retry_after_seconds or 0) <= 61


def test_hmac_is_spoken(api: Client) -> None:
    Partner.objects.update(allow_hmac=True)
    SignKey.objects.get().save()
    keyed = Client(api.base_url, PARTNER_NO, SIGN_KEY, sign_type="HMAC-SHA256")
    assert keyed.query_order(order_no=keyed.create_order(**NEW).order_no).status == 0


def test_a_notification_under_the_old_key_is_read_while_keys_change(
    api: Client, shop: Shop, phones: Any
) -> None:
    pay(phones, api.create_order(**NEW, notify_url=shop.url).pay_url)
    drain(max_seconds=10)
    assert Notification.objects.get().state == "delivered"
    with pytest.raises(SignatureInvalid):
        Client(api.base_url, PARTNER_NO, "the new key").read_notification(shop.bodies[0])
    both = Client(api.base_url, PARTNER_NO, "the new key", other_keys=[SIGN_KEY])
    assert both.read_notification(shop.bodies[0]).status == 1


class Lies:
    """A session whose other end is somebody else."""

    def __init__(self, body: bytes, status: int = 200) -> None:
        self.body, self.status = body, status

    def post(self, *_: Any, **__: Any) -> requests.Response:
        answer = requests.Response()
        answer.status_code, answer._content = self.status, self.body
        return answer


def unsigned(code: int) -> bytes:
    value = {"header": {"signType": "SHA256"}, "body": {"code": code, "msg": "x", "status": 1}}
    return json.dumps({"response": value, "signature": ""}, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (unsigned(1), SignatureInvalid),
        # "The platform refused it for good" must not be anybody's word: the shop would refund again.
        (unsigned(2), SignatureInvalid),
        (unsigned(8), NotAllowed),
        (unsigned(9), TryAgain),
        (b"<html>502</html>", SignatureInvalid),
        (b"[]", SignatureInvalid),
        (b'{"response":{"body":{"code":"x"}}}', SignatureInvalid),
    ],
)
def test_what_is_not_proven_is_not_believed(api: Client, body: bytes, error: type[Exception]) -> None:
    api._session = Lies(body)  # type: ignore[assignment]
    with pytest.raises(error):
        api.refund(partner_order_no="p1", refund_no="r1", amount=1)


def test_empty_keys_and_unknown_types_are_refused() -> None:
    for wrong in (
        {"sign_key": ""},
        {"sign_key": "k", "other_keys": [""]},
        {"sign_key": "k", "sign_type": "MD5"},
    ):
        with pytest.raises(ValueError, match="sign"):
            Client("http://localhost/api/", "10001", **wrong)
    assert "k3y" not in repr(Client("http://localhost/api/", "10001", "k3y", other_keys=["k3y2"]))
