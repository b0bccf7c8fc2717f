"""The calls of the merchant API, over HTTP."""

import json

import pytest

from scanforpay_django.models import Order, Partner, Store
from tests.merchant import STORE_NO, Merchant, envelope, header, order_body

CREATE = "/api/jspay/create"


def test_create_answers_the_address_of_a_pay_page(merchant: Merchant) -> None:
    answer = merchant.create()
    order = Order.objects.get()
    assert answer["code"] == 1
    assert answer["payUrl"] == f"http://localhost:8000/api/jspay/pay/{order.token}"
    assert len(order.token) == 22
    assert answer["orderNo"] == order.order_no


def test_the_seed_sample_creates_an_order(merchant: Merchant) -> None:
    body = {
        "storeNo": STORE_NO,
        "partnerOrderNo": "p20180725180605466813",
        "orderAmount": 2100,
        "orderTitle": "Consume",
        "barcode": "284447106610060508",
        "operatorId": "211918",
        "terminalNo": "123456",
        "notifyUrl": "",
        "returnUrl": "",
        "wallet": "Wechat",
    }
    sample = header(reqTime=None, requestTime=header()["reqTime"])
    assert json.loads(merchant.post(CREATE, envelope(sample, body)).content)["response"]["body"]["code"] == 1
    del body["wallet"]
    refused = merchant.call(CREATE, body)
    assert refused["code"] == 4
    assert "wallet" in refused["msg"]


def test_a_strangers_store_is_3(merchant: Merchant) -> None:
    other = Partner.objects.create(partner_no="10002", name="Other")
    Store.objects.create(partner=other, store_no="200", name="Other")
    assert merchant.create(storeNo="200") == merchant.create(storeNo="404")
    assert merchant.create(storeNo="200")["code"] == 3


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 7),
        ({"storeNo": STORE_NO}, 7),
        ({"orderNo": "1"}, 30),
        ({"partnerOrderNo": "no"}, 30),
        ({"storeNo": "9"}, 3),
    ],
)
def test_pay_query_refusals_carry_status_0(merchant: Merchant, body: dict, code: int) -> None:
    answer = merchant.query(**body)
    assert (answer["code"], answer["status"]) == (code, 0)


def test_online_create_requires_the_currency(merchant: Merchant) -> None:
    refused = merchant.call("/api/online/create", order_body())
    assert (refused["code"], "currency" in refused["msg"]) == (4, True)
    made = merchant.call(
        "/api/online/create", order_body(currency="CNY", goodsAmount=2000, goodsExtraAmount=0)
    )
    assert made["code"] == 1
    order = Order.objects.get()
    assert (order.entry, order.amount, order.goods_amount, order.goods_extra_amount) == (
        "online",
        2100,
        2000,
        0,
    )


def test_the_three_create_calls_are_three_orders_contents(merchant: Merchant) -> None:
    body = order_body(currency="CNY")
    assert merchant.call("/api/jspay/create", body)["code"] == 1
    assert merchant.call("/api/online/create", body)["code"] == 31


@pytest.mark.parametrize(
    ("body", "code"), [({}, 7), ({"orderNo": "1"}, 30), ({"storeNo": "9", "orderNo": "1"}, 3)]
)
def test_close_refusals(merchant: Merchant, body: dict, code: int) -> None:
    assert merchant.call("/api/common/close", {**body, "action": "close"})["code"] == code


def test_close_wants_its_own_field(merchant: Merchant) -> None:
    order_no = merchant.create()["orderNo"]
    missing = merchant.call("/api/common/close", {"orderNo": order_no})
    assert (missing["code"], "action" in missing["msg"]) == (4, True)
    wrong = merchant.call("/api/common/close", {"orderNo": order_no, "action": "open"})
    assert (wrong["code"], "close" in wrong["msg"]) == (5, True)
    assert merchant.query(orderNo=order_no)["status"] == 0
