"""The gateway of OpenAPI v2 and its modes."""

import json

import pytest

from scanforpay_django.sandbox.merchants import issue_alipay_credentials
from scanforpay_django.sandbox.models import Trade
from tests.sandbox.families import FullAlipay, alipay_certificate_number


def test_parameters_may_come_in_the_query_string(alipay, body):
    params = alipay.params("alipay.trade.create", body)
    text = alipay.send(params, in_query=[name for name in params if name != "biz_content"])
    assert json.loads(text)["alipay_trade_create_response"]["code"] == "10000"


def test_a_parameter_given_twice_is_refused(alipay):
    form = "app_id=1&app_id=2"
    answer = alipay.client.post("/sandbox/alipay/gateway.do", form, "application/x-www-form-urlencoded")
    assert json.loads(answer.content)["error_response"]["sub_code"] == "isv.invalid-parameter"


@pytest.fixture
def in_mode(client, db):
    return lambda **mode: FullAlipay(client, issue_alipay_credentials(**mode))


def test_every_method_may_be_fetched_with_get(full_alipay):
    params = full_alipay.params("alipay.trade.query", {"out_trade_no": "x"})
    answer = full_alipay.client.get("/sandbox/alipay/gateway.do", params)
    assert b"ACQ.TRADE_NOT_EXIST" in answer.content


def test_what_is_fetched_is_verified_too(full_alipay):
    params = full_alipay.params("alipay.trade.query", {"out_trade_no": "x"}) | {"biz_content": "{}"}
    answer = full_alipay.client.get("/sandbox/alipay/gateway.do", params)
    assert b"isv.invalid-signature" in answer.content


def test_certificate_mode(in_mode):
    merchant = in_mode(certificates=True)
    assert set(merchant.config) == {
        "app_id", "seller_id", "app_certificate", "alipay_certificate", "root_certificates",
    }  # fmt: skip
    body = merchant.trade()
    told, announced = merchant.ask("alipay.trade.precreate", body)
    assert told["code"] == "10000"
    assert announced == alipay_certificate_number(merchant.config["alipay_certificate"])
    for name in ("app_cert_sn", "alipay_root_cert_sn"):
        wrong = merchant.ask("alipay.trade.precreate", body, **{name: "0" * 32})[0]
        assert wrong["sub_code"] == f"isv.invalid-{name.replace('_', '-')}"


def test_a_merchant_without_certificates_announces_none(full_alipay):
    told = full_alipay.say("query", {"out_trade_no": "x"}, app_cert_sn="0" * 32)
    assert told["sub_code"] == "isv.invalid-app-cert-sn"


def test_a_new_app_is_given_open_id_alone(in_mode, pay):
    merchant = in_mode(open_id_only=True)
    told = merchant.token(merchant.code())
    assert ("user_id" in told, "open_id" in told) == (False, True)
    made = merchant.say("create", merchant.trade(buyer_open_id=told["open_id"]))
    assert pay("alipay_bridge", {"tradeNO": made["trade_no"]})["result"] == "ok"
    seen = merchant.say("query", {"trade_no": made["trade_no"]})
    assert (seen["buyer_open_id"], "buyer_user_id" in seen) == (told["open_id"], False)


def test_an_isv_calls_for_its_merchant(in_mode, pay):
    isv = in_mode(isv=True)
    made = isv.say("create", isv.trade(buyer_id=isv.user_id(), seller_id=isv.config["seller_id"]))
    assert pay("alipay_bridge", {"tradeNO": made["trade_no"]})["result"] == "ok"
    assert Trade.objects.get().merchant.number == isv.config["seller_id"]
    wrong = isv.say("query", {"trade_no": made["trade_no"]}, app_auth_token="none")
    assert (wrong["code"], wrong["sub_code"]) == ("20001", "aop.invalid-app-auth-token")
    without = isv.say("query", {"trade_no": made["trade_no"]}, app_auth_token=None)
    assert without["sub_code"] == "ACQ.TRADE_NOT_EXIST"
