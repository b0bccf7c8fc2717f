"""The calls of the merchant API, over HTTP."""

import json
import re

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


CODE = "/api/offline/create"


def test_offline_create_answers_the_code_that_the_merchant_shows(merchant: Merchant) -> None:
    body = order_body(partnerOrderNo="p1", goodsAmount=2000)
    made = merchant.call(CODE, body)
    order = Order.objects.get()
    scanned = f"http://localhost:8000/api/jspay/pay/{order.scan_token}"
    assert made == {
        "code": 1, "msg": "success", "orderNo": order.order_no, "partnerOrderNo": "p1", "qrCode": scanned,
        "qrcode": scanned, "payUrl": f"http://localhost:8000/api/jspay/pay/{order.token}",
    }  # fmt: skip
    assert merchant.call(CODE, body) == made
    assert merchant.call("/api/offline/qrcode", body)["code"] == 31


@pytest.mark.parametrize("path", [CREATE, "/api/online/create", "/api/offline/qrcode", CODE])
@pytest.mark.parametrize(
    ("given", "seconds"),
    [("30m", 1800), ("2h", 7200), ("1d", 86400), ("1m", 300), ("90d", 7 * 86400), ("9999999999d", 7 * 86400)],
)
def test_it_b_pay_says_how_long_an_order_may_be_paid(
    merchant: Merchant, path: str, given: str, seconds: int
) -> None:
    body = order_body(partnerOrderNo="p1", currency="CNY", it_b_pay=given)
    assert merchant.call(path, body)["code"] == 1
    order = Order.objects.get()
    assert abs((order.expires_at - order.created_at).total_seconds() - seconds) < 5
    assert merchant.call(path, body)["code"] == 1
    assert merchant.call(path, {**body, "it_b_pay": "3h"})["code"] == 31
    del body["it_b_pay"]
    assert merchant.call(path, body)["code"] == 31


@pytest.mark.parametrize("given", ["30", "m", "0m", "-5m", "1w", "1.5h", " 30m", "30M", 30, True, "٣m"])
def test_a_lifetime_that_is_none_is_refused_with_an_example(merchant: Merchant, given: object) -> None:
    refused = merchant.create(it_b_pay=given)
    assert refused["code"] == 5
    assert "it_b_pay" in refused["msg"]
    assert "30m" in refused["msg"]


def test_an_order_without_a_lifetime_has_the_same_fingerprint_as_before(merchant: Merchant) -> None:
    body = order_body(partnerOrderNo="p1")
    for given in ({}, {"it_b_pay": ""}, {"it_b_pay": None}):
        assert merchant.call(CREATE, {**body, **given})["code"] == 1


def test_a_paid_order_is_not_called_to_be_paid_when_it_cannot_be_closed(merchant: Merchant) -> None:
    order_no = merchant.create()["orderNo"]
    Order.objects.update(state="paid")
    told = merchant.call("/api/common/close", {"orderNo": order_no, "action": "close"})
    assert told["code"] == 34
    assert told.get("status") != 0


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "ja", "en"])
def test_a_currency_that_is_not_collected_is_named(merchant: Merchant, language: str) -> None:
    Store.objects.update(language=language)
    told = merchant.create(currency="HKD")
    assert told["code"] == 5
    assert "HKD" in told["msg"]
    assert "CNY" in told["msg"]


# What a merchant's call may be refused for, and what of it stays as it is in every language.
REFUSALS = [
    ({"orderAmount": 0}, "orderAmount"),
    ({"orderAmount": 10**12}, "orderAmount"),
    ({"orderAmount": "21"}, "orderAmount"),
    ({"orderAmount": None}, "orderAmount"),
    ({"partnerOrderNo": "p 1"}, "partnerOrderNo"),
    ({"partnerOrderNo": "p" * 33}, "partnerOrderNo"),
    ({"operatorId": "\u0001"}, "operatorId"),
    ({"operatorId": 7}, "operatorId"),
    ({"notifyUrl": "ftp://shop.example/n"}, "notifyUrl"),
    ({"notifyUrl": "https://shop.example:25/n"}, "notifyUrl"),
    ({"returnUrl": "javascript:alert(1)"}, "returnUrl"),
    ({"wallet": "Gold"}, "wallet"),
    ({"currency": "HKD"}, "HKD"),
    ({"it_b_pay": "soon"}, "it_b_pay"),
    ({"storeNo": "404"}, ""),
]
# Names of fields, values and units that are written alike everywhere.
LATIN = re.compile(
    r"(partnerOrderNo|orderNo|orderAmount|operatorId|notifyUrl|returnUrl|wallet|currency|it_b_pay|storeNo|https?|URL|API"
    r"|Gold|Any|Wechat|AlipayHK|AlipayGlobal|Alipay|CNY|HKD|JSON|[0-9]+[mhd]|[A-Z][A-Za-z]*Pay|RFC|UTF|ASCII|Unicode|IP|p)"
)


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "ja"])
@pytest.mark.parametrize(("changes", "named"), REFUSALS)
def test_a_refusal_is_wholly_in_the_stores_language(
    merchant: Merchant, changes: dict, named: str, language: str
) -> None:
    Store.objects.update(language=language)
    told = merchant.create(**changes)
    assert told["code"] in (3, 4, 5, 44)
    assert named in told["msg"]
    assert not re.findall(r"[A-Za-z]{2,}", LATIN.sub("", told["msg"])), told["msg"]
