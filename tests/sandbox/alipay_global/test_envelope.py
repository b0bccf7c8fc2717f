"""Calls that the cross-border gateway refuses."""

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
