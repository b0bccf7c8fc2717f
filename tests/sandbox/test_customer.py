"""sandbox_pay in other apps and with trouble, and the fixture for other people's tests."""

import hashlib
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.test import Client

from scanforpay_django.sandbox.models import App, SandboxFault, Trade
from scanforpay_django.sandbox.pay_page import CustomerError
from scanforpay_django.sandbox.phone import user_agent
from scanforpay_django.sandbox.testing import scanforpay_sandbox  # noqa: F401
from tests.merchant import seed_merchant
from tests.sandbox.families import Direct, FullAlipay, Mapi
from tests.sandbox.merchant import Wechat

from . import pay_pages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_repeats")]

H5 = {"payer_client_ip": "203.0.113.7", "h5_info": {"type": "Wap"}}


@pytest.fixture
def sandbox(scanforpay_sandbox, settings, monkeypatch, live_server):  # noqa: F811
    settings.ROOT_URLCONF = "tests.sandbox.pay_pages"
    monkeypatch.setattr(pay_pages, "scene", pay_pages.Scene())
    return scanforpay_sandbox


@pytest.fixture
def store(db):
    store = seed_merchant().store
    store.wallet_accounts.all().delete()
    return store


def show(channel, kind, params):
    pay_pages.scene.app = channel
    pay_pages.scene.data = {"kind": kind, "params": params, "statusUrl": "/pages/status", "returnUrl": "/end"}


def find_partner(family, client, account):
    return family(client, (account.config, account.secrets()))


@pytest.fixture
def h5_page(sandbox, store, client, live_server):
    merchant = find_partner(Direct, client, sandbox.wechat_account(store))
    url = merchant.post("h5", merchant.body(scene_info=H5)).json()["h5_url"]
    show("mobile", "redirect", {"url": f"{url}&redirect_url={live_server.url}/end"})
    return f"{live_server.url}/pages/pay"


def test_a_browser_pays_on_wechats_h5_page(sandbox, h5_page):
    paid = sandbox.pay(h5_page, as_="browser")
    assert (paid.state, paid.next_url) == ("paid", "/pages/return")
    assert any("paid ¥21.00 to Sandbox Shop" in step for step in paid.steps)
    assert sandbox.trades[0].state == "paid"


def test_a_browser_may_change_its_mind(sandbox, h5_page):
    assert sandbox.pay(h5_page, as_="browser", outcome="cancel").state == "pending"
    assert sandbox.trades[0].is_open


def test_an_h5_page_that_is_refused_is_told_in_its_words(sandbox, h5_page):
    pay_pages.scene.data["params"]["url"] += "&redirect_url=https%3A%2F%2Fevil.example"
    with pytest.raises(CustomerError, match="registered H5 domain"):
        sandbox.pay(h5_page, as_="browser")
    pay_pages.scene.data["params"] = {"nothing": "here"}
    with pytest.raises(CustomerError, match="leads nowhere"):
        sandbox.pay(h5_page, as_="browser")


@pytest.mark.parametrize("kind", ["redirect", "form"])
def test_a_browser_pays_on_alipays_wap_page(sandbox, store, client, live_server, kind):
    merchant = find_partner(FullAlipay, client, sandbox.alipay_account(store))
    params = merchant.wap_params(merchant.trade())
    if kind == "form":
        show("mobile", kind, {"action": f"{sandbox.url}/alipay/gateway.do", "fields": params})
    else:
        show("mobile", kind, {"url": f"{sandbox.url}/alipay/gateway.do?{urlencode(params)}"})
    assert sandbox.pay(f"{live_server.url}/pages/pay", as_="browser").state == "paid"


def test_alipayhk_pays_on_the_cross_border_page(sandbox, store, client, live_server):
    account = sandbox.alipay_global_account(store)
    mapi = find_partner(Mapi, client, account)
    query = urlencode(mapi.params("create_forex_trade_wap", **mapi.trade()))
    show("alipayhk", "redirect", {"url": f"{sandbox.url}/alipay_global/gateway.do?{query}"})
    paid = sandbox.pay(f"{live_server.url}/pages/pay", as_="alipayhk")
    assert paid.state == "paid"
    assert "AlipayHK: paid HK$21.00" in paid.steps[-2]
    assert (account.wallet, account.currencies) == ("AlipayHK", "HKD")


def test_the_phone_passes_for_alipayhk_and_a_browser():
    assert "AlipayClientHK/" in user_agent(App.ALIPAYHK, "zh-HK")
    assert "Language/zh-Hant" in user_agent(App.ALIPAYHK, "zh-HK")
    assert "Mobile Safari" in user_agent(App.BROWSER, "en")


def test_the_command_arms_a_fault_for_its_own_customer(sandbox, store, client, h5_page, capsys):
    call_command("sandbox_pay", h5_page, "--as", "browser", "--fault", "notify-never", "--count", "2")
    told = capsys.readouterr().out
    assert "armed: notify-never" in told
    fault = SandboxFault.objects.get()
    assert (fault.remaining, fault.phone_user) == (1, Trade.objects.get().payer.phone_user)
    assert "kept back" in Trade.objects.get().notices.get().last_status


def test_the_fixture_makes_accounts_of_every_kind(sandbox, store):
    made = [
        sandbox.wechat_account(store, key_mode="migration"),
        sandbox.alipay_account(store, certificates=True),
        sandbox.wechat_global_account(store),
        sandbox.alipay_global_account(store),
        sandbox.wechat_account(store, partner=True, is_active=False),
        sandbox.alipay_account(store, isv=True, open_id_only=True, is_active=False),
    ]
    assert {account.environment for account in made} == {"local_sandbox"}
    assert [account.wallet for account in made[:4]] == ["Wechat", "Alipay", "WechatGlobal", "AlipayHK"]
    assert "sub_mchid" in made[4].config
    assert "app_auth_token" in made[5].secrets()
    for account in made:
        assert sandbox.fault("http-500", account=account).merchant is not None
    sandbox.clear_faults()
    assert not SandboxFault.objects.exists()


def test_the_fixture_confirms_and_finishes(sandbox, store, client):
    account = sandbox.wechat_account(store)
    merchant = find_partner(Direct, client, account)
    body = merchant.barcode_body("134567890123456781")
    merchant.post("codepay", body)
    assert sandbox.confirm(sandbox.trades[0])
    sandbox.fault("refund-pending", account=account)
    merchant.refund(merchant.refund_body(body["out_trade_no"]))
    assert sandbox.refunds[0].state == "PROCESSING"
    assert sandbox.finish_refund(sandbox.refunds[0])
    assert sandbox.refunds[0].state == "SUCCESS"
    assert sandbox.wait_for_notices()


def test_the_fixture_pays_in_the_app(sandbox, store, client, live_server, monkeypatch):
    monkeypatch.setattr("tests.sandbox.merchant.BACK", f"{live_server.url}/back")
    account = sandbox.wechat_account(store)
    ann = Client()
    ann.cookies["scanforpay_sandbox_user"] = hashlib.sha256(b"sandbox customer Ann").hexdigest()[:32]
    merchant = find_partner(Wechat, client, account)
    prepay_id = merchant.order(merchant.order_body(merchant.openid(ann))).json()["prepay_id"]
    show("wechat", "bridge", merchant.bridge(prepay_id))
    assert sandbox.pay(f"{live_server.url}/pages/pay", user="Ann").state == "paid"
