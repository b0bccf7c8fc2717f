"""manage.py sandbox_pay against pages of the cashier's form, over real HTTP."""

import hashlib
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from scanforpay_django.cashier.page import qr_data_uri
from scanforpay_django.models import Order, Store
from scanforpay_django.sandbox.customer import sandbox_beside
from scanforpay_django.sandbox.models import Trade
from scanforpay_django.sandbox.phone import USER_COOKIE
from tests.merchant import seed_merchant
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
        # leaving changes the order, so it is posted
        "leaveUrl": "/pages/leave",
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


# -- the cashier's own pages ------------------------------------------------------------------------


@pytest.fixture
def shop(scanforpay_sandbox):
    merchant = seed_merchant()
    merchant.store.wallet_accounts.update(is_active=False)
    return merchant


def pay_url(shop, live_server, **order):
    made = shop.create(**order)
    token = Order.objects.get(order_no=made["orderNo"]).token
    return f"{live_server.url}/api/jspay/pay/{token}"


def test_an_order_with_a_return_url_is_cancelled_and_left(shop, scanforpay_sandbox, live_server):
    scanforpay_sandbox.wechat_account(shop.store)
    url = pay_url(shop, live_server, returnUrl="https://shop.example/back")
    told = run(url, "wechat", "--outcome", "cancel")
    assert "cancelled" in told
    assert "leaving would end at: POST https://shop.example/back partnerOrderNo=" in told
    assert Order.objects.get().state == "closed"


def test_an_order_without_one_is_cancelled_too(shop, scanforpay_sandbox, live_server):
    scanforpay_sandbox.wechat_account(shop.store)
    assert "no return address" in run(pay_url(shop, live_server), "wechat", "--outcome", "cancel")


def test_a_shop_that_is_returned_to_by_get_is_left(shop, scanforpay_sandbox, live_server):
    scanforpay_sandbox.alipay_account(shop.store)
    Store.objects.update(return_method=Store.ReturnMethod.GET)
    url = pay_url(shop, live_server, wallet="Alipay", returnUrl="https://shop.example/back")
    assert "leaving would end at: GET https://shop.example/back?" in run(url, "alipay", "--outcome", "cancel")


@pytest.mark.parametrize(("app", "grants", "code"), [
    ("desktop", "native", "weixin://wxpay/bizpayurl?pr=wx"), ("desktop", "jsapi", "http://localhost:"),
    ("browser", "jsapi", "http://localhost:"),
])  # fmt: skip
def test_a_page_that_shows_a_code_is_scanned_and_paid(
    shop, scanforpay_sandbox, live_server, app, grants, code
):
    scanforpay_sandbox.wechat_account(shop.store, grants=grants)
    told = run(pay_url(shop, live_server), app)
    assert f"scanned: {code}" in told
    assert "the server says: paid" in told
    assert Order.objects.get().state == "paid"


def test_alipays_code_is_scanned_and_paid(shop, scanforpay_sandbox, live_server):
    scanforpay_sandbox.alipay_account(shop.store, grants="precreate")
    told = run(pay_url(shop, live_server, wallet="Alipay"), "desktop")
    assert "/alipay/qr/bax" in told
    assert Order.objects.get().state == "paid"


def test_a_scanned_payment_may_be_cancelled(shop, scanforpay_sandbox, live_server):
    scanforpay_sandbox.wechat_account(shop.store, grants="native")
    run(pay_url(shop, live_server), "desktop", "--outcome", "cancel")
    assert Trade.objects.get().state == "open"


def test_a_fault_is_armed_where_the_page_is(site, direct, settings):
    code = direct.post("native", direct.body()).json()["code_url"]
    pay_pages.scene.app = "desktop"
    pay_pages.scene.data = {"state": "pending", "statusUrl": "/pages/status"}
    pay_pages.scene.body = f'<img class="qr" src="{qr_data_uri(code)}">'
    # this shell knows nothing of where the server listens
    settings.SCANFORPAY_BASE_URL = "http://127.0.0.1:9"
    told = run(f"{site}/pages/pay", "desktop", "--fault", "notify-never")
    assert "armed: notify-never" in told
    assert Trade.objects.get().state == "paid"


@pytest.mark.parametrize(("url", "sandbox"), [
    ("http://localhost:8000/api/jspay/pay/x", "http://localhost:8000/sandbox"),
    ("http://127.0.0.1:8123/api/jspay/pay/x", "http://127.0.0.1:8123/sandbox"),
    ("https://pay.example/api/jspay/pay/x", "https://pay.example/sandbox"),
    ("nonsense", "http://localhost:8000/sandbox"),
    ("http://[", "http://localhost:8000/sandbox"),
])  # fmt: skip
def test_the_sandbox_is_looked_for_beside_the_page(url, sandbox):
    assert sandbox_beside(url) == sandbox


def test_a_sandbox_elsewhere_is_where_the_settings_say(settings):
    settings.SCANFORPAY_SANDBOX_URL = "http://sandbox.example:9000/play"
    assert sandbox_beside("http://127.0.0.1:8123/api/jspay/pay/x") == "http://sandbox.example:9000/play"


def test_a_code_that_cannot_be_read_is_told(wechat_page):
    pay_pages.scene.data = {"state": "pending"}
    pay_pages.scene.body = '<img class="qr" src="data:image/png;base64,AAAA">'
    refused("the image holds no code", wechat_page)
