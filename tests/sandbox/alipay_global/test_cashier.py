"""Alipay and AlipayHK in foreign currency: the older gateway."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.utils import timezone

from scanforpay_django.sandbox import faults, notify
from scanforpay_django.sandbox.merchants import issue_alipay_global_credentials
from scanforpay_django.sandbox.models import Refund, Trade
from tests.sandbox.families import Mapi, form_of, sheet_of


@pytest.fixture
def mapi(client, db):
    return Mapi(client, issue_alipay_global_credentials())


@pytest.fixture
def paid(mapi, confirm):
    assert confirm(mapi.open())["result"] == "ok"
    return Trade.objects.get().out_trade_no


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


def test_an_unpaid_trade_waits_and_then_reads_closed(mapi):
    mapi.open(timeout_rule="5m")
    number = Trade.objects.get().out_trade_no
    assert mapi.call("single_trade_query", out_trade_no=number)["trade_status"] == "WAIT_BUYER_PAY"
    Trade.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert mapi.call("single_trade_query", out_trade_no=number)["trade_status"] == "TRADE_CLOSED"


def test_what_is_unknown_is_told_in_a_word(mapi):
    assert mapi.call("single_trade_query", out_trade_no="x") == {"error": "TRADE_NOT_EXIST"}
    assert mapi.call("single_trade_query") == {"error": "TRADE_NOT_EXIST"}
    assert mapi.call("no_service") == {"error": "ILLEGAL_SERVICE"}


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


@pytest.mark.parametrize("change", [
    {"payment_inst": "ALIPAY"}, {"currency": "XXX"}, {"total_fee": "0.00"}, {"total_fee": "1.001"},
    {"total_fee": "x"}, {"subject": ""}, {"out_trade_no": "a b"}, {"unknown": "1"}, {"notify_url": "x"},
])  # fmt: skip
def test_a_wrong_page_is_refused_in_words(mapi, change):
    page = mapi.open(**change)
    assert (page.status_code, b"sandbox-problem" in page.content) == (400, True)
    assert not Trade.objects.exists()


def test_the_same_number_is_the_same_trade(mapi):
    given = mapi.trade()
    assert mapi.open(**given).status_code == mapi.open(**given).status_code == 200
    assert mapi.open(**(given | {"total_fee": "22.00"})).status_code == 400
    assert Trade.objects.count() == 1


def give_back(mapi, number, amount, return_no, **more):
    given = {"out_return_no": return_no, "out_trade_no": number, "return_amount": amount, "currency": "HKD"}
    return mapi.call("forex_refund", gmt_return="20260101120000", **(given | more))


def long_ago():
    Refund.objects.update(created_at=timezone.now() - timedelta(seconds=4))


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


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick_repeats")
def test_its_notification_verifies(mapi, confirm, listener):
    listener.answers = [(200, b"success")]
    confirm(mapi.open(notify_url=listener.url))
    assert notify.wait_until_idle(10)
    fields = form_of(listener.received[0][1])
    mapi.verify(fields, fields["sign"])
    assert (fields["trade_status"], fields["notify_type"]) == ("TRADE_FINISHED", "trade_status_sync")
    assert set(mapi.config) == {"partner", "alipay_public_key"}
