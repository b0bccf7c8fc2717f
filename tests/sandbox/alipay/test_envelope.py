"""The envelope of OpenAPI v2: common parameters and signatures."""

import json

import pytest

from tests.sandbox.merchant import beijing_time


def test_the_answers_signature_is_over_the_text_with_its_escaped_slashes(alipay):
    text = alipay.send(alipay.params("alipay.trade.query", {"out_trade_no": "a/b"}))
    assert "\\/" in text
    assert alipay.call("alipay.trade.query", {"out_trade_no": "a/b"})["sub_code"] == "ACQ.INVALID_PARAMETER"


@pytest.mark.parametrize(("change", "sub_code"), [
    ({"sign": "bm90IG1pbmU="}, "isv.invalid-signature"),
    ({"sign": "***"}, "isv.invalid-signature"),
    ({"sign": ""}, "isv.missing-signature"),
    ({"sign_type": "RSA"}, "isv.invalid-signature-type"),
    ({"sign_type": None}, "isv.missing-signature-type"),
    ({"charset": "gbk"}, "isv.invalid-charset"),
    ({"charset": None}, "isv.missing-charset"),
    ({"format": "XML"}, "isv.invalid-format"),
    ({"version": "2.0"}, "isv.invalid-version"),
    ({"version": None}, "isv.missing-version"),
    ({"timestamp": None}, "isv.missing-timestamp"),
    ({"timestamp": "2026-1-2 3:04:05"}, "isv.invalid-timestamp"),
    ({"timestamp": "yesterday"}, "isv.invalid-timestamp"),
    ({"notify_url": "not a url"}, "isv.invalid-notify-url"),
])  # fmt: skip
def test_wrong_common_parameters_are_refused_and_signed(alipay, change, sub_code):
    told = alipay.call("alipay.trade.query", {"out_trade_no": "x"}, **change)
    assert (told["code"][:2], told["sub_code"]) == ("40", sub_code)


def test_a_trade_call_needs_its_biz_content(alipay):
    assert alipay.call("alipay.trade.query")["sub_code"] == "isv.missing-biz-content"


@pytest.mark.parametrize("hours", [-8, -13, 6])
def test_the_timestamp_may_be_that_of_another_zone(alipay, hours):
    told = alipay.call("alipay.trade.query", {"out_trade_no": "x"}, timestamp=beijing_time(hours * 3600))
    assert told["sub_code"] == "ACQ.TRADE_NOT_EXIST"


@pytest.mark.parametrize(("change", "sub_code"), [
    ({"app_id": "2021000000000000"}, "isv.invalid-app-id"),
    ({"app_id": None}, "isv.missing-app-id"),
    ({"method": "alipay.trade.refund.everything"}, "isv.invalid-method"),
    ({"method": ""}, "isv.missing-method"),
])  # fmt: skip
def test_what_is_wrong_before_app_and_method_are_known_is_an_unsigned_error_response(
    alipay, change, sub_code
):
    params = alipay.params("alipay.trade.query", {"out_trade_no": "x"}) | change
    answer = json.loads(alipay.send({name: value for name, value in params.items() if value is not None}))
    assert list(answer) == ["error_response"]
    assert answer["error_response"]["sub_code"] == sub_code


def test_sign_type_is_signed_and_blanks_are_not(alipay):
    params = alipay.params("alipay.trade.query", {"out_trade_no": "x"}, return_url="")
    assert "ACQ.TRADE_NOT_EXIST" in alipay.send(params)
    assert "isv.invalid-signature" in alipay.send(params | {"return_url": "https://other.example"})
