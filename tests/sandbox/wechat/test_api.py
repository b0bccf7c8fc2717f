"""Order, query and close of API v3: what they take and what they refuse."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.sandbox.models import Prepay, Trade
from tests.sandbox.merchant import pay_it


def test_the_same_order_again_is_the_same_trade_with_a_working_prepay_id(wechat, body, pay):
    first, again = wechat.order(body).json(), wechat.order(body).json()
    assert Trade.objects.count() == 1
    for answer in (first, again):
        assert pay("wechat_bridge", wechat.bridge(answer["prepay_id"]), "look")["result"] == "ok"


@pytest.mark.parametrize("change", [{"amount": {"total": 1, "currency": "CNY"}}, {"description": "other"},
                                    {"time_expire": "2099-01-01T00:00:00+08:00"}])  # fmt: skip
def test_the_same_number_with_other_parameters_is_refused(wechat, body, change):
    wechat.order(body)
    answer = wechat.order(body | change)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")
    assert answer["Request-ID"].endswith("-268498688")


def test_a_paid_order_is_not_ordered_again(wechat, body):
    wechat.order(body)
    pay_it(body)
    assert wechat.order(body).json()["code"] == "ORDER_PAID"


def test_a_closed_order_is_not_ordered_again(wechat, body):
    wechat.order(body)
    wechat.close(body["out_trade_no"])
    assert wechat.order(body).json()["code"] == "ORDER_CLOSED"


def test_an_expired_order_reads_notpay_and_is_not_ordered_again(wechat, body):
    wechat.order(body)
    Trade.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert wechat.order(body).json()["code"] == "ORDER_CLOSED"
    assert wechat.query(body["out_trade_no"]).json()["trade_state"] == "NOTPAY"


@pytest.mark.parametrize("query", ["", "?mchid=1600000000", "?mchid={own}&mchid={own}", "?mchid={own}&x=1"])
def test_a_query_must_name_its_mchid(wechat, query):
    path = "/v3/pay/transactions/out-trade-no/nothing00000" + query.format(own=wechat.config["mchid"])
    assert wechat.call("GET", path).json()["code"] == "PARAM_ERROR"


def test_close_is_204_and_signed_twice_and_for_unknown_numbers(wechat, body):
    wechat.order(body)
    for number in (body["out_trade_no"], body["out_trade_no"], "nothing00000"):
        answer = wechat.close(number)
        wechat.verify_answer(answer)
        assert (answer.status_code, answer.content) == (204, b"")
    assert wechat.query(body["out_trade_no"]).json()["trade_state"] == "CLOSED"


@pytest.mark.parametrize("payload", [{}, {"mchid": "1600000000"}, {"mchid": None}, {"mchid": 1}, []])
def test_close_wants_its_mchid(wechat, payload):
    answer = wechat.call("POST", "/v3/pay/transactions/out-trade-no/nothing00000/close", payload)
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")


def test_a_prepay_id_lives_two_hours(wechat, body):
    wechat.order(body)
    left = Prepay.objects.get().expires_at - clock.now()
    assert timedelta(minutes=119) < left <= timedelta(minutes=120)
