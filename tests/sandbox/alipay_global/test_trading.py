"""Refunds at the cross-border gateway."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.sandbox import faults
from scanforpay_django.sandbox.models import Refund, Trade


@pytest.fixture
def paid(mapi, confirm):
    assert confirm(mapi.open())["result"] == "ok"
    return Trade.objects.get().out_trade_no


def give_back(mapi, number, amount, return_no, **more):
    given = {"out_return_no": return_no, "out_trade_no": number, "return_amount": amount, "currency": "HKD"}
    return mapi.call("forex_refund", gmt_return="20260101120000", **(given | more))


def long_ago():
    Refund.objects.update(created_at=clock.now() - timedelta(seconds=4))


def test_refunds_are_three_seconds_apart_and_never_too_much(mapi, paid):
    assert give_back(mapi, paid, "1.00", "R1") == {}
    assert give_back(mapi, paid, "1.00", "R1") == {}
    assert give_back(mapi, paid, "1.00", "R2") == {"error": "REFUND_TOO_FREQUENT"}
    long_ago()
    assert give_back(mapi, paid, "20.01", "R2") == {"error": "RETURN_AMOUNT_EXCEED"}
    assert give_back(mapi, paid, "20.00", "R2") == {}
    assert mapi.call("single_trade_query", out_trade_no=paid)["refund_fee"] == "21.00"


@pytest.mark.parametrize("change", [{"currency": "CNY"}, {"return_amount": "0.00"}, {"out_return_no": ""},
                                    {"gmt_return": "now"}, {"out_trade_no": "unknown"}])  # fmt: skip
def test_a_wrong_refund_is_refused(mapi, paid, change):
    given = {"out_return_no": "R1", "out_trade_no": paid, "return_amount": "1.00", "currency": "HKD"}
    told = mapi.call("forex_refund", **({"gmt_return": "20260101120000"} | given | change))
    assert told["error"]


@pytest.mark.parametrize(
    ("fault", "word"), [("not-enough", "BALANCE_NOT_ENOUGH"), ("refund-failed", "REFUND_FAIL")]
)
def test_a_refund_may_fail(mapi, paid, fault, word):
    faults.arm(fault)
    assert give_back(mapi, paid, "1.00", "R1") == {"error": word}
    assert give_back(mapi, paid, "1.00", "R1") == {}


def ask(mapi, number, return_no):
    return mapi.call("alipay.acquire.refund.query", out_trade_no=number, out_return_no=return_no)


@pytest.mark.parametrize(
    ("fault", "result"),
    [("", "SUCCESS"), ("refund-pending", "PROCESSING"), ("refund-abnormal", "PROCESSING")],
)
def test_one_refund_is_asked_by_both_numbers(mapi, paid, fault, result):
    if fault:
        faults.arm(fault)
    give_back(mapi, paid, "1.00", "R1")
    told = ask(mapi, paid, "R1")
    assert (told["response_code"], told["refund_result_code"]) == ("SUCCESS", result)
    assert (told["out_trade_no"], told["out_return_no"]) == (paid, "R1")


def test_a_refund_that_is_unknown_is_a_successful_answer_too(mapi, paid):
    assert ask(mapi, paid, "R9") == {"response_code": "NOT_FOUND"}
    assert ask(mapi, "other", "R1") == {"response_code": "TRADE_NOT_EXIST"}
    assert mapi.call("alipay.acquire.refund.query", out_trade_no=paid)["error"]
