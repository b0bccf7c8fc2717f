"""The body of a call: a refusal names its field."""

import pytest

from scanforpay_django.models import Order, Store
from tests.merchant import Merchant, order_body


@pytest.mark.django_db(transaction=True)
def test_refusals_of_fields_are_in_the_stores_language(merchant: Merchant) -> None:
    Store.objects.update(language="en")
    assert merchant.create(wallet=None)["msg"] == "wallet must not be empty."


CREATE = "/api/jspay/create"

REFUSED = [
    ({"storeNo": None}, 4, "storeNo"),
    ({"partnerOrderNo": ""}, 4, "partnerOrderNo"),
    ({"orderAmount": None}, 4, "orderAmount"),
    ({"wallet": ""}, 4, "wallet"),
    ({"orderAmount": 0}, 5, "orderAmount"),
    ({"orderAmount": -1}, 5, "orderAmount"),
    ({"orderAmount": "2100"}, 5, "orderAmount"),
    ({"orderAmount": True}, 5, "orderAmount"),
    ({"orderAmount": 12.5}, 5, "orderAmount"),
    ({"orderAmount": 10**30}, 5, "orderAmount"),
    ({"orderAmount": [1]}, 5, "orderAmount"),
    ({"wallet": "Paypal"}, 5, "wallet"),
    ({"wallet": "AlipayHK"}, 44, "AlipayHK"),
    ({"currency": "HKD"}, 5, "currency"),
    ({"currency": "cny"}, 5, "currency"),
    ({"partnerOrderNo": " p1"}, 5, "partnerOrderNo"),
    ({"partnerOrderNo": "p" * 33}, 5, "partnerOrderNo"),
    ({"partnerOrderNo": "茶"}, 5, "partnerOrderNo"),
    ({"partnerOrderNo": 17}, 5, "partnerOrderNo"),
    ({"operatorId": "a\u0000b"}, 5, "operatorId"),
    ({"operatorId": "\ud800"}, 5, "operatorId"),
    ({"notifyUrl": "ftp://shop.example/"}, 5, "notifyUrl"),
    ({"notifyUrl": "http://169.254.169.254/latest"}, 5, "notifyUrl"),
    ({"notifyUrl": "https://user:pw@shop.example/"}, 5, "notifyUrl"),
    ({"notifyUrl": "https://shop.example:22/"}, 5, "notifyUrl"),
    ({"returnUrl": "javascript:alert(1)"}, 5, "returnUrl"),
    ({"returnUrl": "https://shop.example/" + "x" * 200}, 5, "returnUrl"),
    ({"storeNo": "999"}, 3, ""),
]


@pytest.mark.parametrize(("change", "code", "word"), REFUSED, ids=lambda v: str(v)[:40])
def test_bad_input_is_named(merchant: Merchant, change: dict, code: int, word: str) -> None:
    answer = merchant.create(**change)
    assert (answer["code"], word in answer["msg"]) == (code, True), answer
    assert len(answer["msg"]) <= 100
    assert not Order.objects.exists()


def test_null_and_blank_mean_not_given(merchant: Merchant) -> None:
    assert merchant.create(partnerOrderNo="p1", operatorId="")["code"] == 1
    body = {**order_body(partnerOrderNo="p1"), "operatorId": None, "currency": None, "returnUrl": ""}
    assert merchant.call(CREATE, body)["code"] == 1
    assert Order.objects.get().currency == "CNY"


@pytest.mark.parametrize("bad", [-1, "5", True, 1.5])
def test_reported_amounts_are_checked(merchant: Merchant, bad: object) -> None:
    refused = merchant.call("/api/offline/qrcode", order_body(goodsAmount=bad))
    assert (refused["code"], "goodsAmount" in refused["msg"]) == (5, True)
