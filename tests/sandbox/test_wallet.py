"""The wallet in the phone: what it pays, and what it will not."""

from datetime import timedelta

import pytest
from django.test import Client

from scanforpay_django import clock
from scanforpay_django.sandbox.models import Notice, Prepay, Trade

pytestmark = pytest.mark.django_db


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


def test_another_user_cannot_pay(wechat, alipay, prepay_id, trade_no, pay, stranger):
    wechat.openid(stranger)
    for by in (stranger, Client()):
        for call in (("wechat_bridge", wechat.bridge(prepay_id)), ("alipay_bridge", {"tradeNO": trade_no})):
            assert "下单账号与支付账号不一致" in pay(*call, by=by)["message"]
    assert not Trade.objects.filter(state="paid").exists()


def test_an_old_prepay_id_does_not_pay_but_a_new_one_does(wechat, pay):
    body = wechat.order_body(wechat.openid())
    old = wechat.order(body).json()["prepay_id"]
    Prepay.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert pay("wechat_bridge", wechat.bridge(old))["result"] == "fail"
    new = wechat.order(body).json()["prepay_id"]
    assert pay("wechat_bridge", wechat.bridge(new))["result"] == "ok"


def test_an_expired_or_closed_trade_is_not_payable(wechat, alipay, prepay_id, trade_no, pay):
    Trade.objects.filter(merchant__app="wechat").update(expires_at=clock.now() - timedelta(seconds=1))
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
