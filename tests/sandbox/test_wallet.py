"""The wallet in the phone: what it pays, and what it will not."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from scanforpay_django.sandbox import trades
from scanforpay_django.sandbox.keys import platform_key
from scanforpay_django.sandbox.models import Notice, Prepay, Trade

pytestmark = pytest.mark.django_db


@pytest.fixture
def prepay_id(wechat):
    return wechat.order(wechat.order_body(wechat.openid())).json()["prepay_id"]


@pytest.fixture
def trade_no(alipay):
    return alipay.create(alipay.create_body(alipay.user_id()))["trade_no"]


def test_looking_shows_the_sheet_and_pays_nothing(wechat, prepay_id, pay):
    assert pay("wechat_bridge", wechat.bridge(prepay_id), "look") == {
        "result": "ok", "message": "", "amount": 2100, "currency": "CNY", "display": "¥21.00",
        "description": "两杯咖啡 & <tea>", "merchant": "Sandbox Shop", "next": "",
    }  # fmt: skip
    assert Trade.objects.get().state == "open"


def test_paying_in_wechat_makes_the_trade_paid_once(wechat, prepay_id, pay):
    assert pay("wechat_bridge", wechat.bridge(prepay_id))["result"] == "ok"
    trade = Trade.objects.get()
    assert (trade.state, len(trade.trade_no)) == ("paid", 28)
    assert pay("wechat_bridge", wechat.bridge(prepay_id))["result"] == "fail"
    assert Notice.objects.count() == 1


def test_paying_in_alipay_makes_the_trade_paid_once(alipay, trade_no, pay):
    assert pay("alipay_bridge", {"tradeNO": trade_no})["result"] == "ok"
    assert (Trade.objects.get().state, Trade.objects.get().trade_no) == ("paid", trade_no)
    assert pay("alipay_bridge", {"tradeNO": trade_no})["result"] == "fail"


def test_cancelling_leaves_the_trade_payable(wechat, prepay_id, pay):
    assert pay("wechat_bridge", wechat.bridge(prepay_id), "cancel")["result"] == "cancel"
    assert pay("wechat_bridge", wechat.bridge(prepay_id))["result"] == "ok"


@pytest.mark.parametrize("change", [
    {"appId": "wx0000000000000000"},
    {"timeStamp": 1700000000},
    {"timeStamp": "1700000000"},
    {"nonceStr": "other"},
    {"package": "prepay_id=wx1"},
    {"package": "wx1"},
    {"signType": "MD5"},
    {"signType": "RSA2"},
    {"paySign": ""},
    {"paySign": "bm90IG1pbmU="},
    {"paySign": None},
    {"timestamp": "1700000000"},
])  # fmt: skip
def test_a_tampered_bridge_call_fails(wechat, prepay_id, pay, change):
    told = pay("wechat_bridge", wechat.bridge(prepay_id) | change)
    assert told["result"] == "fail"
    assert told["message"]
    assert Trade.objects.get().state == "open"


@pytest.mark.parametrize("name", ["appId", "timeStamp", "nonceStr", "package", "signType", "paySign"])
def test_a_bridge_call_needs_all_its_parameters(wechat, prepay_id, pay, name):
    params = wechat.bridge(prepay_id)
    del params[name]
    assert pay("wechat_bridge", params)["result"] == "fail"


def test_a_pay_sign_by_the_wrong_key_fails(wechat, alipay, prepay_id, pay):
    wechat.secrets["private_key"] = alipay.secrets["private_key"]
    assert "签名" in pay("wechat_bridge", wechat.bridge(prepay_id))["message"]


@pytest.mark.parametrize("params", [{}, {"tradeNO": "1"}, {"tradeNo": "1"}, {"tradeNO": 1}, {"tradeNO": ""}])
def test_a_wrong_trade_no_fails(alipay, trade_no, pay, params):
    assert pay("alipay_bridge", params)["result"] == "fail"


def test_a_wechat_trade_is_not_paid_by_number_in_alipay(wechat, prepay_id, pay):
    assert pay("alipay_bridge", {"tradeNO": prepay_id})["result"] == "fail"


def test_another_user_cannot_pay(wechat, alipay, prepay_id, trade_no, pay, stranger):
    wechat.openid(stranger)
    for by in (stranger, Client()):
        for call in (("wechat_bridge", wechat.bridge(prepay_id)), ("alipay_bridge", {"tradeNO": trade_no})):
            assert "下单账号与支付账号不一致" in pay(*call, by=by)["message"]
    assert not Trade.objects.filter(state="paid").exists()


def test_an_old_prepay_id_does_not_pay_but_a_new_one_does(wechat, pay):
    body = wechat.order_body(wechat.openid())
    old = wechat.order(body).json()["prepay_id"]
    Prepay.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert pay("wechat_bridge", wechat.bridge(old))["result"] == "fail"
    new = wechat.order(body).json()["prepay_id"]
    assert pay("wechat_bridge", wechat.bridge(new))["result"] == "ok"


def test_an_expired_or_closed_trade_is_not_payable(wechat, alipay, prepay_id, trade_no, pay):
    Trade.objects.filter(merchant__app="wechat").update(expires_at=timezone.now() - timedelta(seconds=1))
    Trade.objects.filter(merchant__app="alipay").update(state="closed")
    assert pay("wechat_bridge", wechat.bridge(prepay_id))["result"] == "fail"
    assert pay("alipay_bridge", {"tradeNO": trade_no})["result"] == "fail"


@pytest.mark.parametrize("raw", [
    "", "[]", "{}",
    '{"kind":"x","params":{},"outcome":"pay"}',
    '{"kind":"alipay_bridge","params":[],"outcome":"pay"}',
    '{"kind":"alipay_bridge","params":{"tradeNO":"1"},"outcome":"steal"}',
])  # fmt: skip
def test_a_call_that_is_none_fails(client, raw):
    answer = client.post("/sandbox/wallet/pay", raw, content_type="application/json")
    assert answer.json()["result"] == "fail"


def test_the_wallet_asks_for_no_csrf_token(wechat, prepay_id, pay):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = wechat.client.cookies
    assert pay("wechat_bridge", wechat.bridge(prepay_id), by=strict)["result"] == "ok"


def race(act):
    """What six threads got from doing ``act`` at once."""
    got, start = [], threading.Barrier(6)

    def run():
        try:
            start.wait(10)
            got.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


@pytest.mark.django_db(transaction=True)
def test_of_payments_at_once_one_pays(alipay):
    alipay.create(alipay.create_body(alipay.user_id()))
    won = race(lambda: trades.pay(Trade.objects.select_related("merchant").get()))
    assert sorted(won) == [False] * 5 + [True]


@pytest.mark.django_db(transaction=True)
def test_first_users_at_once_share_one_platform_key():
    keys = race(lambda: platform_key("wechat").private_key)
    assert (len(keys), len(set(keys))) == (6, 1)
