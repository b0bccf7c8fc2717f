"""manage.py sandbox_pay against pages of the cashier's form, over real HTTP."""

import hashlib
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from scanforpay_django.sandbox.models import Trade
from scanforpay_django.sandbox.phone import USER_COOKIE
from tests.sandbox import pay_pages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_repeats")]


@pytest.fixture
def site(settings, live_server, monkeypatch):
    settings.SCANFORPAY_BASE_URL = live_server.url
    settings.ROOT_URLCONF = "tests.sandbox.pay_pages"
    monkeypatch.setattr(pay_pages, "scene", pay_pages.Scene())
    monkeypatch.setattr("tests.sandbox.merchant.BACK", f"{live_server.url}/back")
    return live_server.url


@pytest.fixture
def phone_of_ann():
    client = Client()
    client.cookies[USER_COOKIE] = hashlib.sha256(b"sandbox customer Ann").hexdigest()[:32]
    return client


def show(app, wallet, params):
    pay_pages.scene.app = app
    pay_pages.scene.authorize = pay_pages.authorize_url(wallet)
    pay_pages.scene.data = {
        "kind": "bridge",
        "params": params,
        "statusUrl": "/pages/status",
        "returnUrl": "/pages/return",
        "leaveUrl": "/pages/return",
        "state": "pending",
    }


@pytest.fixture
def wechat_page(site, wechat, phone_of_ann, listener):
    body = wechat.order_body(wechat.openid(phone_of_ann), notify_url=listener.url)
    show("wechat", wechat, wechat.bridge(wechat.order(body).json()["prepay_id"]))
    return f"{site}/pages/pay"


@pytest.fixture
def alipay_page(site, alipay, phone_of_ann):
    told = alipay.create(alipay.create_body(alipay.user_id(phone_of_ann)))
    show("alipay", alipay, {"tradeNO": told["trade_no"]})
    return f"{site}/pages/pay"


def run(url, app, *more):
    out = StringIO()
    call_command("sandbox_pay", url, "--as", app, "--user", "Ann", *more, stdout=out)
    return out.getvalue()


def test_it_pays_in_wechat_and_tells_the_way_back(wechat_page, listener):
    told = run(wechat_page, "wechat")
    assert "the server says: paid" in told
    end = "would end at: POST https://shop.example/back?a=1&b=2 partnerOrderNo=P-1 orderNo=O-1\n"
    assert told.endswith(end)
    assert Trade.objects.get().state == "paid"
    assert listener.wait_for(1)


def test_it_pays_in_alipay(alipay_page):
    pay_pages.scene.way_back = "redirect"
    assert "would end at: GET https://shop.example/thanks?orderNo=1" in run(alipay_page, "alipay")


def test_it_understands_escaped_slashes(wechat_page):
    assert "paid" in run(wechat_page.replace("/", "\\/"), "wechat")


def test_it_cancels(wechat_page):
    told = run(wechat_page, "wechat", "--outcome", "cancel")
    assert "the server says: pending" in told
    assert "leaving would end at: POST https://shop.example/back" in told
    assert Trade.objects.get().state == "open"


def test_an_order_without_a_return_address_ends_here(wechat_page):
    pay_pages.scene.data["leaveUrl"] = None
    assert "no return address" in run(wechat_page, "wechat", "--outcome", "cancel")


def test_the_sandbox_may_be_given(wechat_page, settings):
    pay_pages.scene.authorize = ""
    with pytest.raises(CommandError, match="--sandbox"):
        run(wechat_page, "wechat")
    assert "paid" in run(wechat_page, "wechat", "--sandbox", f"{settings.SCANFORPAY_BASE_URL}/sandbox/")


def refused(match, url, app="wechat", *more):
    with pytest.raises(CommandError, match=match):
        run(url, app, *more)


def test_a_page_for_the_other_app_is_told(wechat_page):
    refused("for wechat, not for Alipay", wechat_page, "alipay")


def test_a_page_without_bridge_data_is_told(wechat_page):
    pay_pages.scene.data = {}
    refused("no bridge data", wechat_page)


def test_a_page_that_starts_no_wallet_is_told(wechat_page):
    pay_pages.scene.data = {"state": "expired"}
    refused("its state is 'expired'", wechat_page)


def test_a_refusal_of_the_wallet_is_told(wechat_page):
    pay_pages.scene.data["params"]["paySign"] = "bm90IG1pbmU="
    refused("签名", wechat_page)


def test_somebody_else_is_refused(wechat_page):
    refused("下单账号与支付账号不一致", wechat_page, "wechat", "--user", "Bob")


def test_a_server_that_does_not_say_paid_is_an_error(wechat_page):
    pay_pages.scene.status = "pending"
    refused("still says: pending", wechat_page, "wechat", "--timeout", "0.1")
    assert Trade.objects.get().state == "paid"


def test_a_cancelled_order_that_is_paid_is_an_error(wechat_page):
    pay_pages.scene.status = "paid"
    refused("says paid", wechat_page, "wechat", "--outcome", "cancel")


def test_a_broken_way_back_is_an_error(wechat_page):
    pay_pages.scene.way_back = "error"
    refused("the way back answers HTTP 500", wechat_page)


def test_nobody_there_is_told():
    refused("Connection", "http://127.0.0.1:9/pay")
