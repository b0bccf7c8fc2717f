"""The pay pages in Chromium: what a customer sees and does."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from scanforpay_django.models import Order, Payment, Store
from tests.merchant import Merchant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WALLETS = [("wechat", "Wechat"), ("alipay", "Alipay")]
LANGUAGES = {
    "zh-CN": ("zh-hans", "山茶小铺", "支付成功"),
    "zh-HK": ("zh-hant", "山茶小铺", "付款成功"),
    "en-US": ("en", "Camellia Tea", "Paid"),
}


def shop_answers(page: Page) -> list[str]:
    """Stand in for the shop; what is posted to it is kept."""
    received: list[str] = []

    def answer(route) -> None:
        received.append(route.request.post_data or "")
        route.fulfill(status=200, content_type="text/html", body="<h1>the shop</h1>")

    page.route("https://shop.example/**", answer)
    return received


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize(("app", "wallet"), WALLETS)
def test_pay_in_the_app_and_go_back_to_the_shop(
    merchant: Merchant, open_page: Callable[..., Page], picture, app: str, wallet: str, locale: str
) -> None:
    language, store, paid = LANGUAGES[locale]
    made = merchant.create(wallet=wallet, partnerOrderNo="tea1", returnUrl="https://shop.example/done?a=1")
    page = open_page(made["payUrl"], app, locale=locale)
    received = shop_answers(page)
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("body")).to_have_attribute("data-channel", app)
    amount = "CN¥21.00" if language == "en" else "¥21.00"
    expect(page.get_by_role("heading", level=1)).to_have_text(amount)
    expect(page.locator(".shop")).to_have_text(store)
    picture(page, f"{app}-{language}-sheet")
    page.click("#sandbox-pay")
    expect(page.locator("#scanforpay-paid")).to_be_visible()
    expect(page.locator("#scanforpay-paid")).to_have_text(paid)
    picture(page, f"{app}-{language}-paid")
    page.wait_for_url("https://shop.example/done?a=1", timeout=15_000)
    order_no = Order.objects.get().order_no
    assert received == [f"partnerOrderNo=tea1&orderNo={order_no}"]


@pytest.mark.parametrize(("app", "wallet"), WALLETS)
def test_cancel_pay_again_and_leave(
    merchant: Merchant, open_page: Callable[..., Page], picture, app: str, wallet: str
) -> None:
    made = merchant.create(wallet=wallet, returnUrl="https://shop.example/done")
    page = open_page(made["payUrl"], app)
    shop_answers(page)
    page.click("#sandbox-cancel")
    pay_button = page.locator("#scanforpay-pay")
    expect(pay_button).to_be_enabled()
    expect(pay_button).to_contain_text("¥21.00")
    picture(page, f"{app}-cancelled")
    pay_button.click()
    page.click("#sandbox-cancel")
    page.click("#scanforpay-leave")
    page.wait_for_url("https://shop.example/done", timeout=15_000)
    assert Order.objects.get().state == "closed"
    assert Payment.objects.get().state == "closed"


def test_the_desktop_follows_the_phone_and_moves_on(
    merchant: Merchant, open_page: Callable[..., Page], picture
) -> None:
    made = merchant.create(returnUrl="https://shop.example/done")
    desktop = open_page(made["payUrl"])
    received = shop_answers(desktop)
    expect(desktop.locator(".qr")).to_be_visible()
    picture(desktop, "desktop-qr")
    phone = open_page(desktop.locator("body").get_attribute("data-scan-url"), "wechat")
    phone.click("#sandbox-pay")
    expect(phone.locator("#scanforpay-paid")).to_be_visible()
    expect(phone.locator("#scanforpay-staying")).to_be_visible()
    desktop.wait_for_url("https://shop.example/done", timeout=20_000)
    assert len(received) == 1
    phone.wait_for_timeout(2500)
    assert "/api/jspay/pay/" in phone.url


def test_a_get_store_is_reached_after_leaving(merchant: Merchant, open_page: Callable[..., Page]) -> None:
    Store.objects.update(return_method="get")
    made = merchant.create(partnerOrderNo="n1", returnUrl="https://shop.example/done")
    page = open_page(made["payUrl"])
    shop_answers(page)
    page.click("#scanforpay-leave")
    page.wait_for_url(
        re.compile(r"https://shop\.example/done\?partnerOrderNo=n1&orderNo=\d+"), timeout=15_000
    )


def test_back_from_the_shop_shows_the_truth_and_does_not_send_again(
    merchant: Merchant, open_page: Callable[..., Page]
) -> None:
    made = merchant.create(returnUrl="https://shop.example/done")
    page = open_page(made["payUrl"], "wechat")
    received = shop_answers(page)
    page.click("#sandbox-pay")
    page.wait_for_url("https://shop.example/done", timeout=15_000)
    page.goto(made["payUrl"])
    expect(page.locator("#scanforpay-paid")).to_be_visible()
    page.wait_for_timeout(2500)
    assert "/api/jspay/pay/" in page.url
    assert len(received) == 1


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize(("app", "wallet"), [("wechat", "Alipay"), ("alipay", "Wechat")])
def test_the_wrong_app_says_which_one_to_open(
    merchant: Merchant, open_page: Callable[..., Page], picture, app: str, wallet: str, locale: str
) -> None:
    page = open_page(merchant.create(wallet=wallet)["payUrl"], app, locale=locale)
    expect(page.locator("body")).to_have_attribute("data-view", "wrong_app")
    page.click("#scanforpay-copy")
    picture(page, f"wrong-{app}-{locale}")


@pytest.mark.parametrize("state", ["paid", "closed", "expired", "refunded"])
@pytest.mark.parametrize(("locale", "dark"), [("zh-CN", False), ("zh-HK", True), ("en-US", False)])
def test_every_end_has_its_page(
    merchant: Merchant, open_page: Callable[..., Page], picture, state: str, locale: str, dark: bool
) -> None:
    made = merchant.create()
    Order.objects.update(state=state)
    page = open_page(made["payUrl"], "wechat", locale=locale, size="small", dark=dark)
    expect(page.locator("body")).to_have_attribute("data-state", state)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, f"state-{state}-{locale}")


@pytest.mark.parametrize("size", ["small", "phone", "desktop"])
@pytest.mark.parametrize("dark", [False, True])
def test_the_qr_page_fits_every_size(
    merchant: Merchant, open_page: Callable[..., Page], picture, size: str, dark: bool
) -> None:
    made = merchant.create(orderTitle="一份很长很长的标题" * 10, orderAmount=9_999_999_999)
    page = open_page(made["payUrl"], size=size, dark=dark)
    expect(page.get_by_role("heading", level=1)).to_have_text("¥99,999,999.99")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, f"qr-{size}-{'dark' if dark else 'light'}")


def test_hostile_titles_are_inert(merchant: Merchant, open_page: Callable[..., Page]) -> None:
    title = "</script><script>document.title='pwned'</script><img src=x onerror=alert(1)>{{7*7}}\u2028"
    made = merchant.create(orderTitle=title)
    for app in ("wechat", "alipay", "desktop"):
        page = open_page(made["payUrl"], app)
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        assert page.title() != "pwned"
        assert "{{7*7}}" in page.content()


def test_without_the_bridge_the_page_says_so(
    merchant: Merchant, open_page: Callable[..., Page], settings
) -> None:
    page = open_page(merchant.create()["payUrl"], "wechat")
    expect(page.locator("#sandbox-sheet")).to_be_visible()
    settings.SCANFORPAY_SANDBOX_ALLOWED = False
    page.reload()
    expect(page.locator("#scanforpay-pay")).to_be_enabled(timeout=15_000)
    expect(page.locator("[data-when=no_bridge]")).to_be_visible()


def test_without_javascript_the_page_can_be_read(merchant: Merchant, browser) -> None:
    made = merchant.create(returnUrl="https://shop.example/done")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(made["payUrl"])
    expect(page.locator(".qr")).to_be_visible()
    expect(page.locator("noscript")).to_be_attached()
    Order.objects.update(state="paid")
    page.reload()
    expect(page.locator("#scanforpay-paid")).to_be_visible()
    context.close()


@pytest.mark.parametrize(("wallet", "grants"), [("Wechat", "jsapi h5"), ("Alipay", "trade_create wap")])
def test_a_mobile_browser_pays_after_a_tap(
    merchant: Merchant, open_page: Callable[..., Page], picture, wallet: str, grants: str
) -> None:
    merchant.store.wallet_accounts.filter(wallet=wallet).update(grants=grants)
    made = merchant.create(wallet=wallet, returnUrl="https://shop.example/done")
    page = open_page(made["payUrl"], "mobile", locale="en-US")
    shop_answers(page)
    expect(page.locator("body")).to_have_attribute("data-view", "tap")
    picture(page, f"tap-{wallet}")
    page.click("#scanforpay-tap")
    page.click("#sandbox-pay")
    page.wait_for_url("https://shop.example/done", timeout=20_000)
    assert Order.objects.get().state == "paid"


def test_a_grant_that_was_never_given_is_said_in_words(
    merchant: Merchant, open_page: Callable[..., Page], picture
) -> None:
    merchant.store.wallet_accounts.update(grants="codepay")
    page = open_page(merchant.create()["payUrl"], "wechat")
    expect(page.locator("body")).to_have_attribute("data-view", "no_account")
    picture(page, "no-account")
