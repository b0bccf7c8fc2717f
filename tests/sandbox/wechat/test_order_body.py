"""The body of an order of API v3."""

import pytest

from scanforpay_django import clock
from scanforpay_django.sandbox.merchants import issue_wechat_credentials
from scanforpay_django.sandbox.models import Trade
from tests.sandbox.merchant import rfc3339

JSAPI = "/v3/pay/transactions/jsapi"


@pytest.mark.parametrize("field", ["mchid", "description", "out_trade_no", "notify_url", "amount", "payer"])
@pytest.mark.parametrize("edit", ["drop", "null", "empty"])
def test_required_fields_are_required(wechat, body, field, edit):
    if edit == "drop":
        del body[field]
    else:
        body[field] = None if edit == "null" else ""
    answer = wechat.order(body)
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")
    assert answer.json()["message"].partition("“")[2].startswith(f"/body/{field}”")


@pytest.mark.parametrize("change", [
    {"unknown": 1},
    {"attach": None},
    {"description": "汉" * 43},
    {"description": "coffee ☕ 😀"},
    {"attach": "x" * 129},
    {"out_trade_no": "five5"},
    {"out_trade_no": "a" * 33},
    {"out_trade_no": "abc/def"},
    {"out_trade_no": "abcdefg\n"},
    {"out_trade_no": 1234567},
    {"notify_url": "https://shop.example/notify?x=1"},
    {"notify_url": "https://shop.example/notify?"},
    {"notify_url": " https://shop.example/notify"},
    {"notify_url": "ftp://shop.example/notify"},
    {"notify_url": "/notify"},
    {"notify_url": "https://shop.example/" + "a" * 250},
    {"amount": {"total": 0, "currency": "CNY"}},
    {"amount": {"total": -1, "currency": "CNY"}},
    {"amount": {"total": "2100", "currency": "CNY"}},
    {"amount": {"total": 21.0, "currency": "CNY"}},
    {"amount": {"total": True, "currency": "CNY"}},
    {"amount": {"total": 2100, "currency": "HKD"}},
    {"amount": {"total": 2100, "payer_total": 2100}},
    {"amount": {"currency": "CNY"}},
    {"payer": {"openid": "oNobodyKnowsThisOpenid000000"}},
    {"payer": {"openid": ""}},
    {"payer": {}},
    {"payer": {"sp_openid": "x"}},
    {"time_expire": "2018-06-08T10:34:56+08:00"},
    {"time_expire": "2099-06-08 10:34:56"},
    {"time_expire": "2099-06-08T10:34:56"},
    {"time_expire": "2099-06-08T10:34:56.123456+08:00"},
    {"time_expire": "2099-13-08T10:34:56+08:00"},
    {"time_expire": 1},
    {"support_fapiao": "true"},
    {"scene_info": {"device_id": "1"}},
    {"detail": {"goods_detail": {}}},
    {"detail": {"goods_detail": [{"merchant_goods_id": "1"}]}},
    {"detail": {"goods_detail": ["tea"]}},
    {"limit_pay": "no_credit"},
    {"limit_pay": ["no_money"]},
    {"mchid": "1600000000"},
])  # fmt: skip
def test_a_wrong_body_is_a_param_error(wechat, body, change):
    answer = wechat.order(body | change)
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")
    assert not Trade.objects.exists()


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"a":NaN}', b'{"mchid":"1","mchid":"2"}', b"\xff"])
def test_a_body_that_is_no_json_object_is_a_param_error(wechat, raw):
    assert wechat.call("POST", JSAPI, raw).json()["code"] == "PARAM_ERROR"


@pytest.mark.parametrize("change", [
    {"description": "汉" * 42},
    {"out_trade_no": "aZ09_-|*"},
    {"amount": {"total": 1}},
    {"attach": "kept", "goods_tag": "WXG", "support_fapiao": True, "settle_info": {"profit_sharing": False},
     "scene_info": {"payer_client_ip": "10.0.0.1", "store_info": {"id": "1"}},
     "detail": {"cost_price": 1, "goods_detail": [{"merchant_goods_id": "1", "quantity": 1, "unit_price": 2100}]},
     "limit_pay": ["no_credit"]},
])  # fmt: skip
def test_what_the_documents_allow_is_taken(wechat, body, change):
    assert wechat.order(body | change).status_code == 200


def test_an_order_of_another_appid_is_refused(wechat, body):
    answer = wechat.order(body | {"appid": "wx0000000000000000"})
    assert answer.json()["code"] == "APPID_MCHID_NOT_MATCH"


def test_an_openid_of_another_app_is_refused(wechat, body):
    other = type(wechat)(wechat.client, issue_wechat_credentials())
    assert wechat.order(body | {"payer": {"openid": other.openid()}}).json()["code"] == "PARAM_ERROR"


@pytest.mark.parametrize(
    ("asked", "least", "most"), [(5, 50, 70), (1800, 1790, 1810), (95 * 86400, 89 * 86400, 91 * 86400)]
)
def test_time_expire_is_kept_within_a_minute_and_ninety_days(wechat, body, asked, least, most):
    wechat.order(body | {"time_expire": rfc3339(asked)})
    left = (Trade.objects.get().expires_at - clock.now()).total_seconds()
    assert least <= left <= most
