"""The receipt that WeChat frames, in Chromium."""

import pytest
from playwright.sync_api import Browser, Page, expect

from scanforpay_django.models import Order, Payment
from tests.browser.apps import user_agent
from tests.browser.conftest import Visitor, accessible, fits
from tests.framed_receipt import link, pay, payment
from tests.house import house, merchant

__all__ = ["house", "merchant", "payment"]
pytestmark = pytest.mark.django_db(transaction=True)

WECHAT = "https://payapp.weixin.qq.com"

FRAME = """<body style="margin:0"><iframe src="%s" style="width:390px;height:600px;border:0"></iframe><script>
window.told = []; window.onmessage = function (event) { window.told.push([event.origin, JSON.parse(event.data)]); };
</script>"""


def framed(browser: Browser, url: str, parent: str = WECHAT, **options) -> Page:
    """A page of WeChat's with the receipt in its frame."""
    context = browser.new_context(
        user_agent=user_agent("wechat", "en-US"), viewport={"width": 390, "height": 844}, **options
    )
    page = context.new_page()
    page.route(
        f"{parent}/**",
        lambda route: route.fulfill(content_type="text/html", body=FRAME % url.replace("&", "&amp;")),
    )
    page.goto(f"{parent}/paygoldplan")
    return page


def told(page: Page, action: str) -> dict:
    """What the frame has told its parent."""
    page.wait_for_function("action => window.told.some(one => one[1].action === action)", arg=action)
    return next(body for _origin, body in page.evaluate("window.told") if body["action"] == action)


@pytest.mark.browser
def test_the_frame_says_it_is_ready_and_shows_the_way_back(
    payment: Payment, house: str, browser: Browser
) -> None:
    pay(payment)
    page = framed(browser, link(payment, house))
    ready = told(page, "onIframeReady")
    assert ready["displayStyle"] == "SHOW_CUSTOM_PAGE"
    assert 0 < ready["height"] < 2000
    frame = page.frame_locator("iframe")
    expect(frame.locator("h1")).to_have_text("CN¥21.00")
    expect(frame.locator(".number")).to_contain_text("tea-1")
    frame.locator("#scanforpay-back").click()
    assert told(page, "jumpOut")["jumpOutUrl"] == f"{house}/api/jspay/back/{payment.out_trade_no}"
    page.context.close()


@pytest.mark.browser
def test_nobody_else_frames_it(payment: Payment, house: str, browser: Browser) -> None:
    pay(payment)
    page = framed(browser, link(payment, house), parent="https://evil.example")
    page.wait_for_timeout(1500)
    assert page.evaluate("window.told") == []
    assert page.frames[1].evaluate("document.body.innerText").find("tea-1") < 0
    page.context.close()


@pytest.mark.browser
def test_it_looks_again_until_the_platforms_word_is_here(
    payment: Payment, house: str, browser: Browser
) -> None:
    page = framed(browser, link(payment, house))
    assert told(page, "onIframeReady")["displayStyle"] == "SHOW_CUSTOM_PAGE"
    frame = page.frame_locator("iframe")
    expect(frame.locator("h1")).to_have_text("Confirming your payment…")
    pay(payment)
    expect(frame.locator("h1")).to_have_text("CN¥21.00", timeout=10_000)
    page.context.close()


@pytest.mark.browser
def test_the_way_back_ends_at_the_shop(payment: Payment, house: str, open_page: Visitor) -> None:
    order = Order.objects.get()
    page = open_page(f"{house}/api/jspay/pay/{order.token}", "desktop")
    page.wait_for_selector("[data-view-state=waiting]")
    pay(payment)
    page.route("https://shop.example/**", lambda route: route.fulfill(body="<h1>the shop</h1>"))
    page.goto(f"{house}/api/jspay/back/{payment.out_trade_no}")
    page.wait_for_url("https://shop.example/done", timeout=15_000)


@pytest.mark.browser
def test_it_reads_well(payment: Payment, house: str, open_page: Visitor, picture) -> None:
    pay(payment)
    page = open_page(link(payment, house), "wechat", locale="ja-JP", size="small")
    expect(page.locator("h2")).to_have_text("お支払いが完了しました")
    picture(page, "receipt")
    fits(page)
    accessible(page)
