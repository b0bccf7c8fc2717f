"""trade.create, trade.query and trade.close."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.sandbox.merchants import issue_alipay_credentials
from scanforpay_django.sandbox.models import Trade
from tests.sandbox.merchant import beijing_time


def pay_it():
    Trade.objects.update(state="paid", paid_at=clock.now())


def test_create_answers_a_trade_no(alipay, body):
    told = alipay.create(body)
    assert told["code"] == "10000"
    assert told["out_trade_no"] == body["out_trade_no"]
    assert len(told["trade_no"]) == 28


def test_create_again_is_the_same_trade(alipay, body):
    assert alipay.create(body) == alipay.create(body)
    assert Trade.objects.count() == 1


@pytest.mark.parametrize("change", [{"total_amount": "0.01"}, {"subject": "other"}, {"body": "new"}])
def test_the_same_number_with_other_parameters_is_refused(alipay, body, change):
    alipay.create(body)
    told = alipay.create(body | change)
    assert (told["code"], told["sub_code"]) == ("40004", "ACQ.CONTEXT_INCONSISTENT")


def test_the_same_number_for_another_buyer_is_refused(alipay, body, stranger):
    alipay.create(body)
    told = alipay.create(body | {"buyer_id": alipay.user_id(stranger)})
    assert told["sub_code"] == "ACQ.TRADE_BUYER_NOT_MATCH"


def test_a_paid_trade_is_not_created_again(alipay, body):
    alipay.create(body)
    pay_it()
    assert alipay.create(body)["sub_code"] == "ACQ.TRADE_HAS_SUCCESS"


def test_a_closed_trade_is_not_created_again(alipay, body):
    alipay.create(body)
    assert alipay.call("alipay.trade.close", {"out_trade_no": body["out_trade_no"]})["code"] == "10000"
    assert alipay.create(body)["sub_code"] == "ACQ.TRADE_HAS_CLOSE"


def test_an_expired_trade_has_been_closed(alipay, body):
    alipay.create(body)
    Trade.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert alipay.create(body)["sub_code"] == "ACQ.TRADE_HAS_CLOSE"
    told = alipay.call("alipay.trade.query", {"out_trade_no": body["out_trade_no"]})
    assert told["trade_status"] == "TRADE_CLOSED"


def test_a_query_tells_an_unpaid_trade_by_either_number(alipay, body):
    trade_no = alipay.create(body)["trade_no"]
    by_ours = alipay.call("alipay.trade.query", {"out_trade_no": body["out_trade_no"]})
    assert by_ours == alipay.call("alipay.trade.query", {"trade_no": trade_no})
    assert (by_ours["trade_status"], by_ours["total_amount"]) == ("WAIT_BUYER_PAY", "21.00")
    assert "send_pay_date" not in by_ours


def test_a_query_tells_a_paid_trade(alipay, body):
    alipay.create(body)
    pay_it()
    told = alipay.call("alipay.trade.query", {"out_trade_no": body["out_trade_no"]})
    assert (told["trade_status"], told["receipt_amount"]) == ("TRADE_SUCCESS", "21.00")
    assert told["buyer_user_id"] == body["buyer_id"]
    assert told["send_pay_date"][:10] == beijing_time()[:10]


@pytest.mark.parametrize("method", ["alipay.trade.query", "alipay.trade.close"])
def test_an_unknown_trade_does_not_exist(alipay, method):
    told = alipay.call(method, {"out_trade_no": "nothing"})
    assert (told["code"], told["sub_code"]) == ("40004", "ACQ.TRADE_NOT_EXIST")


@pytest.mark.parametrize("method", ["alipay.trade.query", "alipay.trade.close"])
@pytest.mark.parametrize("biz", [{}, {"out_trade_no": None}, {"out_trade_no": 1}, {"trade": "1"}, []])
def test_a_trade_must_be_named(alipay, method, biz):
    assert alipay.call(method, biz)["sub_code"] == "ACQ.INVALID_PARAMETER"


def test_close_closes_once(alipay, body):
    alipay.create(body)
    number = {"out_trade_no": body["out_trade_no"]}
    assert alipay.call("alipay.trade.close", number)["code"] == "10000"
    assert alipay.call("alipay.trade.close", number)["sub_code"] == "ACQ.TRADE_STATUS_ERROR"


def test_close_of_a_paid_trade_is_refused(alipay, body):
    alipay.create(body)
    pay_it()
    told = alipay.call("alipay.trade.close", {"out_trade_no": body["out_trade_no"]})
    assert told["sub_code"] == "ACQ.TRADE_STATUS_ERROR"


def test_another_sellers_trade_is_refused(alipay, body):
    assert alipay.create(body | {"seller_id": "2088000000000000"})["sub_code"] == "ACQ.PARTNER_ERROR"


def test_a_buyer_may_be_named_by_open_id(alipay):
    told = alipay.token(alipay.code())
    body = alipay.create_body(None, buyer_open_id=told["open_id"])
    assert alipay.create(body)["code"] == "10000"


def test_a_buyer_of_another_app_does_not_exist(alipay, body):
    other = type(alipay)(alipay.client, issue_alipay_credentials())
    assert alipay.create(body | {"buyer_id": other.user_id()})["sub_code"] == "ACQ.INVALID_PARAMETER"
