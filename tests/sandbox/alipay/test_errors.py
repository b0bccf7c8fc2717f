"""Refusals of Alipay's gateway."""

import pytest

from scanforpay_django.sandbox.alipay.errors import ApiError, GatewayError, business


def test_a_refusal_names_its_class_and_its_case():
    error = business("TRADE_NOT_EXIST", "no such trade")
    assert error.payload == {
        "code": "40004",
        "msg": "Business Failed",
        "sub_code": "ACQ.TRADE_NOT_EXIST",
        "sub_msg": "no such trade",
    }
    assert issubclass(GatewayError, ApiError)


@pytest.mark.parametrize(("sub_code", "words"), [
    ("isv.invalid-app-id", "无效的AppID参数"), ("isv.invalid-timestamp", "非法的时间戳参数"),
    ("isv.missing-signature", "缺少签名参数"), ("isv.invalid-signature", "验签出错"),
])  # fmt: skip
def test_a_refusal_of_the_gateways_begins_in_its_words(sub_code, words):
    assert ApiError("40002", sub_code, "why").payload["sub_msg"] == f"{words} (why)"


def test_a_wrong_field_is_an_invalid_parameter_in_words(alipay):
    told = alipay.call("alipay.trade.query", {"out_trade_no": "a b"})
    assert told["sub_msg"].startswith("参数无效：/out_trade_no: ")
