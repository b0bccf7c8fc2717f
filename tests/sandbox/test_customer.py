"""sandbox_pay in other apps and with trouble."""

from urllib.parse import urlencode

import pytest
from django.core.management import call_command

from scanforpay_django.sandbox.models import App, SandboxFault, Trade
from scanforpay_django.sandbox.pay_page import CustomerError
from scanforpay_django.sandbox.phone import user_agent
from tests.sandbox import pay_pages
from tests.sandbox.families import Direct, FullAlipay, Mapi

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_repeats")]

H5 = {"payer_client_ip": "203.0.113.7", "h5_info": {"type": "Wap"}}


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
