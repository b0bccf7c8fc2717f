"""The page of the cross-border gateway."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from scanforpay_django.sandbox.models import Trade
from tests.sandbox.families import sheet_of


@pytest.mark.parametrize(("inst", "app"), [("ALIPAYHK", "alipayhk"), ("ALIPAYCN", "alipay")])
@pytest.mark.parametrize("service", ["create_forex_trade", "create_forex_trade_wap"])
def test_the_page_shows_the_wallet_that_was_named(mapi, service, inst, app):
    page = mapi.open(service, payment_inst=inst)
    assert sheet_of(page)["app"] == app
    assert "HK$21.00" in page.content.decode()


def test_a_trade_is_paid_in_its_currency_and_returns_signed(mapi, confirm):
    told = confirm(mapi.open())
    assert told["display"] == "HK$21.00"
    came = dict(parse_qsl(urlsplit(told["next"]).query))
    mapi.verify(came, came["sign"])
    trade = mapi.call("single_trade_query", out_trade_no=came["out_trade_no"])
    assert (trade["trade_status"], trade["total_fee"]) == ("TRADE_FINISHED", "21.00")
    # the gateway's answer names no currency
    assert "currency" not in trade
    assert trade["subject"] == "Two cups <tea> & more"


@pytest.mark.parametrize("change", [
    {"payment_inst": "ALIPAY"}, {"currency": "XXX"}, {"total_fee": "0.00"}, {"total_fee": "1.001"},
    {"total_fee": "x"}, {"subject": ""}, {"out_trade_no": "a b"}, {"unknown": "1"}, {"notify_url": "x"},
])  # fmt: skip
def test_a_wrong_page_is_refused_in_words(mapi, change):
    page = mapi.open(**change)
    assert (page.status_code, b"sandbox-problem" in page.content) == (400, True)
    assert not Trade.objects.exists()
