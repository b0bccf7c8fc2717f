"""Trades at the cross-border gateway."""

from datetime import timedelta

from scanforpay_django import clock
from scanforpay_django.sandbox.models import Trade


def test_an_unpaid_trade_waits_and_then_reads_closed(mapi):
    mapi.open(timeout_rule="5m")
    number = Trade.objects.get().out_trade_no
    assert mapi.call("single_trade_query", out_trade_no=number)["trade_status"] == "WAIT_BUYER_PAY"
    Trade.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert mapi.call("single_trade_query", out_trade_no=number)["trade_status"] == "TRADE_CLOSED"


def test_a_trade_that_has_gone_back_in_full_reads_closed(mapi, confirm):
    assert confirm(mapi.open())["result"] == "ok"
    number = Trade.objects.get().out_trade_no
    mapi.call(
        "forex_refund",
        out_return_no="R1",
        out_trade_no=number,
        return_amount="21.00",
        currency="HKD",
        gmt_return="20260101120000",
    )
    told = mapi.call("single_trade_query", out_trade_no=number)
    assert (told["trade_status"], told["refund_fee"]) == ("TRADE_CLOSED", "21.00")
    assert told["gmt_payment"]


def test_the_same_number_is_the_same_trade(mapi):
    given = mapi.trade()
    assert mapi.open(**given).status_code == mapi.open(**given).status_code == 200
    assert mapi.open(**(given | {"total_fee": "22.00"})).status_code == 400
    assert Trade.objects.count() == 1
