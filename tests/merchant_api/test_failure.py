"""Failures are envelopes, in the store's language."""

import json
from typing import Any

import pytest
from django.db import OperationalError, connection

from scanforpay_django.models import Store
from tests.merchant import PARTNER_NO, STORE_NO, Merchant, envelope, header, order_body

CREATE = "/api/jspay/create"


def test_other_methods_are_405_in_the_envelope(merchant: Merchant, client) -> None:
    answer = client.get(CREATE)
    assert answer.status_code == 405
    assert json.loads(answer.content)["response"]["body"]["code"] == 6


def test_messages_are_in_the_stores_language(merchant: Merchant) -> None:
    assert merchant.query(storeNo=STORE_NO, orderNo="1")["msg"] == "订单不存在。"
    Store.objects.update(language="en")
    assert merchant.query(storeNo=STORE_NO, orderNo="1")["msg"] == "The order does not exist."


def test_our_own_failure_is_9_in_the_envelope(merchant: Merchant, settings) -> None:
    settings.SCANFORPAY_WALLETS = {"Wechat": "scanforpay_django.nowhere.Wallet"}
    settings.SCANFORPAY_BASE_URL = ""
    answer = merchant.post(CREATE, envelope(header(), order_body()))
    assert answer.status_code == 500
    assert json.loads(answer.content)["response"]["body"]["code"] == 9
    assert PARTNER_NO in answer.content.decode()


HEADERS = [
    {"reqTime": "2020-01-01T00:00:00+08:00"},
    {"version": "2.0"},
    {"version": None},
    {"reqTime": "now"},
]


@pytest.mark.parametrize("changes", HEADERS, ids=str)
@pytest.mark.parametrize("named", [True, False])
def test_what_is_refused_before_the_body_is_read_is_in_the_stores_language_too(
    merchant: Merchant, changes: dict[str, Any], named: bool
) -> None:
    told = set()
    body = order_body() if named else order_body(storeNo=None)
    for language in ("zh-hans", "zh-hant", "ja", "en"):
        Store.objects.update(language=language)
        told.add(merchant.call(CREATE, body, **changes)["msg"])
    assert len(told) == 4
    assert max(map(len, told)) <= 100
    assert any(text.isascii() for text in told)


def test_so_is_a_call_that_names_no_store(merchant: Merchant) -> None:
    Store.objects.update(language="en")
    assert merchant.query(orderNo="1")["msg"] == "The order does not exist."
    body = {"partnerOrderNo": "1", "refundNo": "1", "orderAmount": 1}
    assert merchant.call("/api/common/refund", body)["msg"] == "The order does not exist."


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_what_drf_refuses_is_said_in_our_words(merchant: Merchant, client, method: str) -> None:
    answer = getattr(client, method)(CREATE)
    msg = json.loads(answer.content)["response"]["body"]["msg"]
    assert method.upper() in msg
    assert f'Method "{method.upper()}" not allowed' not in msg


@pytest.mark.parametrize(
    ("field", "value"), [("wallet", "Paypal"), ("orderAmount", 10**11), ("orderAmount", 0)]
)
def test_a_refused_value_is_named(merchant: Merchant, field: str, value: object) -> None:
    assert str(value) in merchant.create(**{field: value})["msg"]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_gone_is_said_in_the_envelope(merchant: Merchant) -> None:
    merchant.query(orderNo="1")

    def fail(*_: object) -> None:
        raise OperationalError

    raw = envelope(header(), {"orderNo": "1"})
    with connection.execute_wrapper(fail):
        answer = merchant.post("/api/common/payQuery", raw)
    assert answer.status_code == 500
    assert json.loads(answer.content)["response"]["body"]["code"] == 9


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (envelope(header(), order_body(), key="wrong"), 8),
        (envelope(header(partnerNo="nobody"), order_body()), 8),
        (envelope(header(), order_body(storeNo="1")), 3),
    ],
)
def test_a_refused_call_is_in_the_log_under_its_respmsgid(
    merchant: Merchant, caplog: pytest.LogCaptureFixture, raw: bytes, code: int
) -> None:
    answer = json.loads(merchant.post(CREATE, raw).content)["response"]
    assert answer["body"]["code"] == code
    (record,) = [one for one in caplog.records if one.name.endswith("merchant_api.failure")]
    assert record.request_id == answer["header"]["respMsgId"]  # type: ignore[attr-defined]
    assert answer["header"]["respMsgId"] in record.getMessage()
    assert "demo-sign-key" not in caplog.text


def test_an_address_adds_no_line_to_the_log(merchant: Merchant, caplog: pytest.LogCaptureFixture) -> None:
    assert merchant.post("/api/common/pay%0AERROR%20forged", b"{}").status_code == 404
    (record,) = [one for one in caplog.records if one.name.endswith("merchant_api.failure")]
    assert record.getMessage().startswith(r"/api/common/pay\nERROR forged was answered with code 3")


def test_so_is_our_own_failure_with_its_trace(
    merchant: Merchant, caplog: pytest.LogCaptureFixture, settings
) -> None:
    settings.SCANFORPAY_WALLETS = {"Wechat": "scanforpay_django.nowhere.Wallet"}
    answer = json.loads(merchant.post(CREATE, envelope(header(), order_body())).content)["response"]
    (record,) = [one for one in caplog.records if one.name.endswith("merchant_api.failure")]
    assert (record.levelname, record.request_id) == ("ERROR", answer["header"]["respMsgId"])  # type: ignore[attr-defined]
    assert record.exc_info is not None
