"""Alipay's refunds."""

import pytest

from scanforpay_django.sandbox import faults
from scanforpay_django.sandbox.models import Refund


def barcode(full_alipay, code, **changed):
    return full_alipay.trade(scene="bar_code", auth_code=code, time_expire=None, **changed)


@pytest.fixture
def paid(full_alipay):
    body = barcode(full_alipay, "2812345678901234")
    full_alipay.say("pay", body)
    return body["out_trade_no"]


def refund(full_alipay, out_trade_no, amount, request_no, **more):
    body = {"out_trade_no": out_trade_no, "refund_amount": amount, "out_request_no": request_no} | more
    return full_alipay.say("refund", {name: value for name, value in body.items() if value is not None})


def ask_refund(full_alipay, out_trade_no, request_no, **more):
    body = {"out_trade_no": out_trade_no, "out_request_no": request_no} | more
    return full_alipay.say("fastpay.refund.query", body)


def test_refund_fee_is_all_that_has_gone_back(full_alipay, paid):
    told = [refund(full_alipay, paid, "1.00", no) for no in ("R1", "R1", "R2")]
    assert [one["fund_change"] for one in told] == ["Y", "N", "Y"]
    assert [one["refund_fee"] for one in told] == ["1.00", "1.00", "2.00"]
    assert refund(full_alipay, paid, "19.01", "R3")["sub_code"] == "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
    assert full_alipay.say("query", {"out_trade_no": paid})["trade_status"] == "TRADE_SUCCESS"
    assert refund(full_alipay, paid, "19.00", "R3")["refund_fee"] == "21.00"
    assert full_alipay.say("query", {"out_trade_no": paid})["trade_status"] == "TRADE_CLOSED"
    assert Refund.objects.count() == 3


def test_a_refund_is_asked_for_by_its_number(full_alipay, paid):
    refund(full_alipay, paid, "1.00", "R1")
    told = ask_refund(full_alipay, paid, "R1", query_options=["gmt_refund_pay"])
    assert (told["refund_status"], told["refund_amount"]) == ("REFUND_SUCCESS", "1.00")
    assert told["gmt_refund_pay"]
    unknown = ask_refund(full_alipay, paid, "R2")
    assert (unknown["code"], "refund_status" in unknown) == ("10000", False)


def test_a_full_refund_needs_no_number_and_gets_the_trades(full_alipay, paid):
    assert refund(full_alipay, paid, "1.00", None)["sub_code"] == "ACQ.INVALID_PARAMETER"
    assert refund(full_alipay, paid, "21.00", None)["fund_change"] == "Y"
    assert ask_refund(full_alipay, paid, paid)["refund_status"] == "REFUND_SUCCESS"


def test_the_same_refund_number_has_one_amount(full_alipay, paid):
    refund(full_alipay, paid, "1.00", "R1")
    told = refund(full_alipay, paid, "2.00", "R1")
    assert told["sub_code"] == "ACQ.REASON_TRADE_REFUND_FEE_ERR"


@pytest.mark.parametrize(("fault", "sub_code"), [
    ("not-enough", "ACQ.SELLER_BALANCE_NOT_ENOUGH"), ("refund-failed", "ACQ.TRADE_NOT_ALLOW_REFUND"),
])  # fmt: skip
def test_a_refund_may_be_refused(full_alipay, paid, fault, sub_code):
    faults.arm(fault)
    assert refund(full_alipay, paid, "1.00", "R1")["sub_code"] == sub_code
    assert "refund_status" not in ask_refund(full_alipay, paid, "R1")
    assert refund(full_alipay, paid, "1.00", "R1")["fund_change"] == "Y"


def test_a_refund_may_hang(client, full_alipay, paid):
    faults.arm("refund-pending")
    told = refund(full_alipay, paid, "1.00", "R1")
    assert (told["code"], told["fund_change"], told["refund_fee"]) == ("10000", "N", "0.00")
    assert "refund_status" not in ask_refund(full_alipay, paid, "R1")
    client.post(f"/sandbox/refunds/{Refund.objects.get().pk}/finish", {"state": "SUCCESS"})
    assert ask_refund(full_alipay, paid, "R1")["refund_status"] == "REFUND_SUCCESS"
