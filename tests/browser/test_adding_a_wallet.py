"""A wallet of a project's own in Chromium: its bridge in its app, a code on a desktop."""

import pytest
from playwright.sync_api import Browser, Page, expect

from scanforpay_django.models import Order
from tests.browser.apps import APPS
from tests.chromium import browser
from tests.house import merchant
from tests.merchant import Merchant
from tests.wallets.tea_platform import TeaPlatform, create, platform, tea

__all__ = ["browser", "merchant", "platform", "tea"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

TEA_APP = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36 TeaPay/3.1"
)

# The app's side of the bridge: native code pays at the platform, and the page hears of it.
APP = """
window.TeaPayBridge = {pay: function (trade, sign, done) { window.payInApp(trade).then(function () { done("ok"); }); }};
document.dispatchEvent(new Event("TeaPayBridgeReady"));
"""


def open_page(browser: Browser, url: str, user_agent: str, platform: TeaPlatform | None = None) -> Page:
    page = browser.new_context(user_agent=user_agent, locale="en-US").new_page()
    if platform is not None:
        page.expose_function("payInApp", platform.pay)
        page.add_init_script(APP)
    page.goto(url)
    return page


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
