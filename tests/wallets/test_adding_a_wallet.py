"""A wallet is one file and one line of settings: its own app, bridge and barcodes work, and gaps are named at start."""

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings as project
from playwright.sync_api import Browser, Page, expect

from scanforpay_django import checks
from scanforpay_django.conf import DEFAULT_WALLETS
from scanforpay_django.models import Order, Refund, Store, WalletAccount
from scanforpay_django.operations.connection_test import RIGHT
from scanforpay_django.wallets.base import Kind, Product, Wallet
from tests.browser.apps import APPS
from tests.chromium import browser
from tests.house import house, merchant, shop
from tests.merchant import STORE_NO, Merchant
from tests.wallets import tea_pay
from tests.wallets.tea_pay import TeaPayWallet

__all__ = ["browser", "house", "merchant", "shop"]

pytestmark = [pytest.mark.django_db(transaction=True)]
KEY = "tea-shop-key"
TEA_APP = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36 TeaPay/3.1"
)
# The app's side of the bridge: native code pays at the platform, and the page hears of it.
APP = """
window.TeaPayBridge = {pay: function (trade, sign, done) { window.payInApp(trade).then(function () { done("ok"); }); }};
document.dispatchEvent(new Event("TeaPayBridgeReady"));
"""


def sign(raw: bytes) -> str:
    return hmac.new(KEY.encode(), raw, hashlib.sha256).hexdigest()


@dataclass
class TeaPlatform:
    """TeaPay's servers: trades by our number, refunds by theirs."""

    url: str = ""
    trades: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, int] = field(default_factory=dict)

    def do(self, method: str, asked: dict[str, Any]) -> dict[str, Any]:
        """One call."""
        number = asked.get("out_trade_no", "")
        if method in ("create", "charge"):
            fresh = {**asked, "trade": f"tea{len(self.trades)}", "state": "waiting"}
            trade = self.trades.setdefault(number, fresh)
            if method == "charge":
                trade["state"] = "paid"
            return trade
        if method == "refund":
            self.refunds[asked["out_refund_no"]] = asked["amount"]
            return {}
        if method == "query_refund":
            return {"amount": self.refunds.get(asked["out_refund_no"])}
        trade = self.trades.get(number, {"shop": asked["shop"], "out_trade_no": number})
        if method == "close" and trade.get("state") == "paid":
            return {"error": "PAID"}
        if method in ("close", "reverse"):
            trade["state"] = "closed"
        return trade

    def pay(self, trade_no: str) -> None:
        """The customer confirms in the app; the platform notifies the merchant's side."""
        trade = next(one for one in self.trades.values() if one["trade"] == trade_no)
        trade["state"] = "paid"
        raw = json.dumps({**trade, "event": f"e-{trade_no}"}).encode()
        answer = requests.post(trade["notify_url"], data=raw, headers={"Tea-Sign": sign(raw)}, timeout=10)
        assert answer.text == "ok", answer.status_code


@pytest.fixture
def platform() -> Iterator[TeaPlatform]:
    """TeaPay on a loopback port."""
    platform = TeaPlatform()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw, method = self.rfile.read(int(self.headers["Content-Length"])), self.path.strip("/")
            if self.headers.get("Tea-Sign") != sign(raw):
                found = json.dumps({"error": "BAD_SIGN"}).encode()
            else:
                found = json.dumps(platform.do(method, json.loads(raw))).encode()
            self.send_response(200)
            self.send_header("Tea-Sign", sign(found))
            self.send_header("Content-Length", str(len(found)))
            self.end_headers()
            self.wfile.write(found)

        def log_message(self, *args: object) -> None:
            """Write nothing to the tests' output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    platform.url = f"http://127.0.0.1:{server.server_port}"
    yield platform
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def tea(merchant: Merchant, platform: TeaPlatform, settings: Any) -> Merchant:
    """A shop with a TeaPay account: the one line, and where this test's platform is."""
    settings.SCANFORPAY_WALLETS = {**DEFAULT_WALLETS, "TeaPay": "tests.wallets.tea_pay.TeaPayWallet"}
    settings.SCANFORPAY_PLATFORM_HOSTS = {"production": {"TeaPay": {"api": platform.url}}}
    account = WalletAccount(store=merchant.store, wallet="TeaPay", config={"shop": "s1"})
    account.set_secrets({"key": KEY})
    account.save()
    return merchant


def open_page(browser: Browser, url: str, user_agent: str, platform: TeaPlatform | None = None) -> Page:
    page = browser.new_context(user_agent=user_agent, locale="en-US").new_page()
    if platform is not None:
        page.expose_function("payInApp", platform.pay)
        page.add_init_script(APP)
    page.goto(url)
    return page


def create(merchant: Merchant, **changes: Any) -> str:
    made = merchant.create(wallet="TeaPay", **changes)
    assert made["code"] == 1, made
    return str(made["payUrl"])


@pytest.mark.browser
def test_in_its_own_app_it_pays_by_its_bridge(tea: Merchant, platform: TeaPlatform, browser: Browser) -> None:
    page = open_page(browser, create(tea), TEA_APP, platform)
    expect(page.locator("body")).to_have_attribute("data-channel", "teapay")
    expect(page.locator("body")).to_have_attribute("data-state", "paid", timeout=20_000)
    order = Order.objects.get()
    assert (order.state, order.payments.get().product, order.wallet) == ("paid", "page", "TeaPay")


@pytest.mark.browser
def test_on_a_desktop_it_shows_a_code(tea: Merchant, browser: Browser) -> None:
    page = open_page(browser, create(tea), APPS["desktop"].user_agent)
    expect(page.locator("body")).to_have_attribute("data-view", "qr")
    expect(page.get_by_text("TeaPay app").first).to_be_visible()
    assert "scanforpayBridge" not in page.content().replace("window.scanforpayBridge : null", "")


@pytest.mark.browser
@pytest.mark.parametrize("app", ["wechat", "alipay", "alipayhk", "wechat_miniprogram", "wecom"])
def test_in_another_wallets_app_it_says_which_app_to_open(tea: Merchant, browser: Browser, app: str) -> None:
    page = open_page(browser, create(tea), APPS[app].user_agent)
    expect(page.locator("body")).to_have_attribute("data-view", "wrong_app")
    expect(page.get_by_text("TeaPay app").first).to_be_visible()


@pytest.mark.browser
def test_its_app_is_another_wallets_app_to_the_others(tea: Merchant, browser: Browser) -> None:
    page = open_page(browser, tea.create(wallet="Wechat")["payUrl"], TEA_APP)
    expect(page.locator("body")).to_have_attribute("data-view", "wrong_app")


def test_it_needs_none_of_the_wallets_that_come_with_the_app(
    tea: Merchant, settings: Any, client: Any
) -> None:
    settings.SCANFORPAY_WALLETS = {"TeaPay": "tests.wallets.tea_pay.TeaPayWallet"}
    path = create(tea).partition(project.SCANFORPAY_BASE_URL)[2]
    for app, view in (("wechat", "wrong_app"), ("alipay", "wrong_app"), ("mobile", "qr"), ("desktop", "qr")):
        html = client.get(path, headers={"user-agent": APPS[app].user_agent}).content.decode()
        assert re.search(r'data-view="(\w+)"', html)[1] == view, app


def test_its_barcode_is_told_from_others_and_charged(tea: Merchant) -> None:
    body = {"storeNo": STORE_NO, "partnerOrderNo": "till-1", "orderAmount": 2100, "barcode": f"77{'1' * 16}"}
    answer = tea.call("/api/offline/pay", body)
    assert (answer["code"], answer["status"], answer["wallet"]) == (1, 1, "TeaPay")
    refused = tea.call("/api/offline/pay", {**body, "partnerOrderNo": "till-2", "barcode": "99" * 9})
    assert refused["code"] == 5


def test_a_refund_goes_through_it(tea: Merchant, platform: TeaPlatform) -> None:
    body = {"storeNo": STORE_NO, "partnerOrderNo": "till-1", "orderAmount": 2100, "barcode": f"77{'1' * 16}"}
    tea.call("/api/offline/pay", body)
    answer = tea.call(
        "/api/common/refund", {"partnerOrderNo": "till-1", "refundNo": "r1", "orderAmount": 700}
    )
    assert (answer["code"], answer["status"]) == (1, 1)
    assert platform.refunds == {Refund.objects.get().out_refund_no: 700}


def test_staff_test_its_connection_in_its_own_words(tea: Merchant) -> None:
    from scanforpay_django.operations import connection_test

    account = WalletAccount.objects.get(wallet="TeaPay")
    assert connection_test.test_connection(account) == (True, RIGHT)


def test_the_checks_are_silent_about_it(settings: Any) -> None:
    settings.SCANFORPAY_WALLETS = {"TeaPay": "tests.wallets.tea_pay.TeaPayWallet"}
    assert checks.check_wallets() == []
    settings.SCANFORPAY_WALLETS = DEFAULT_WALLETS
    assert checks.check_wallets() == []


class Empty(Wallet):
    """Nothing is filled in."""


class NoBridge(TeaPayWallet):
    """Its script and its app are missing."""

    bridge_script = ""
    apps = ()


class NoPattern(TeaPayWallet):
    """Its barcodes cannot be told from others."""

    barcode_pattern = ""


class NoCharge(TeaPayWallet):
    """Its till product has no calls."""

    pay_by_barcode = Wallet.pay_by_barcode
    reverse = Wallet.reverse


class NoSignIn(TeaPayWallet):
    """Its product needs to know who pays."""

    products = {"page": Product(name="page", kind=Kind.BRIDGE, label="page", needs_payer=True)}


class NoProduction(TeaPayWallet):
    """It has test addresses only."""

    hosts = {"platform_sandbox": {"api": "https://test.teapay.example"}}


class WrongRoute(TeaPayWallet):
    """Its route names what it does not have."""

    @classmethod
    def route(cls, channel: Any) -> tuple[str, ...]:
        return ("h5",)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Empty", ["sets no name", "sets no credentials", "write create()", "write read_notification()"]),
        ("NoBridge", ["no apps", "no bridge_script"]),
        ("NoPattern", ["barcode_pattern"]),
        ("NoCharge", ["pay_by_barcode()", "reverse()"]),
        ("NoSignIn", ["authorize_url()"]),
        ("NoProduction", ["'production'"]),
        ("WrongRoute", ["its route for mobile is ('h5',)"]),
    ],
)
def test_a_missing_hook_is_named_by_check(settings: Any, name: str, words: list[str]) -> None:
    settings.SCANFORPAY_WALLETS = {"TeaPay": f"{__name__}.{name}"}
    found = checks.check_wallets()
    assert {message.id for message in found} == {"scanforpay.E021"}
    assert all(message.hint for message in found)
    told = " ".join(message.msg for message in found)
    assert all(word in told for word in words), told


def test_two_wallets_with_one_slug_are_named_by_check(settings: Any) -> None:
    path = "tests.wallets.tea_pay.TeaPayWallet"
    settings.SCANFORPAY_WALLETS = {"TeaPay": path, "Tea": path}
    assert "scanforpay.E022" in {message.id for message in checks.check_wallets()}


def test_the_docs_show_this_very_file() -> None:
    docs = Path(__file__).resolve().parents[2] / "docs" / "adding-a-wallet.md"
    source = Path(tea_pay.__file__).read_text(encoding="utf-8")
    assert f"```python\n{source}```" in docs.read_text(encoding="utf-8")


def test_a_store_without_an_account_does_not_take_it(tea: Merchant) -> None:
    other = Store.objects.create(partner=tea.partner, store_no="2", name="Other")
    assert tea.create(wallet="TeaPay", storeNo=other.store_no)["code"] == 43
