"""Errors of the cross-border gateway."""


def test_what_is_unknown_is_told_in_a_word(mapi):
    assert mapi.call("single_trade_query", out_trade_no="x") == {"error": "TRADE_NOT_EXIST"}
    assert mapi.call("single_trade_query") == {"error": "TRADE_NOT_EXIST"}
    assert mapi.call("no_service") == {"error": "ILLEGAL_SERVICE"}
