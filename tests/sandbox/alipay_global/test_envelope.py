"""Calls that the cross-border gateway refuses, and the charset that its addresses tell."""

from xml.etree import ElementTree

import pytest


@pytest.mark.parametrize(("change", "word"), [
    ({"sign": "bm90IG1pbmU="}, "ILLEGAL_SIGN"),
    ({"sign": ""}, "ILLEGAL_SIGN"),
    ({"sign_type": "MD5"}, "ILLEGAL_SIGN_TYPE"),
    ({"partner": "2088"}, "ILLEGAL_PARTNER"),
    ({"_input_charset": "gbk"}, "ILLEGAL_CHARSET"),
    ({"total_amount": "1"}, "ILLEGAL_ARGUMENT__TOTAL_AMOUNT"),
])  # fmt: skip
def test_a_wrong_call_is_refused(mapi, change, word):
    told = mapi.call("single_trade_query", **({"out_trade_no": "x"} | change))
    assert told["error"] in (word, word.replace("__", "_"))


@pytest.mark.parametrize(("query", "error"), [
    ("?_input_charset=utf-8", "TRADE_NOT_EXIST"), ("", "ILLEGAL_SIGN"), ("?_input_charset=gbk", "ILLEGAL_ARGUMENT"),
])  # fmt: skip
def test_a_form_is_read_in_the_charset_of_its_address(mapi, query, error):
    refund = {"out_return_no": "R1", "out_trade_no": "x", "return_amount": "1.00", "currency": "HKD"}
    params = mapi.params("forex_refund", gmt_return="20260101120000", reason="退款", **refund)
    told = ElementTree.fromstring(mapi.post(params, query).content)
    assert told.findtext("error") == error
