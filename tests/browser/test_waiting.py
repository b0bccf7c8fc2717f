"""Pages that wait: the clock, a fresh start, lost connections, and no JavaScript at all."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from scanforpay_django import clock
from scanforpay_django.models import Order, Payment
from tests.browser.apps import user_agent
from tests.browser.conftest import Visitor
from tests.browser.scenes import used_up
from tests.browser.stage import Stage, bridge
from tests.merchant import Merchant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def stage(merchant: Merchant, open_page: Visitor, settings) -> Stage:
    """Pages of this merchant."""
    return Stage(merchant, open_page, settings)


def seconds_shown(page: Page) -> int:
    """02:05 -> 125."""
    minutes, _, seconds = page.inner_text("#scanforpay-clock").partition(":")
    return int(minutes) * 60 + int(seconds)


def test_the_desktop_counts_down_and_offers_a_fresh_start(stage: Stage) -> None:
    url = stage.create()
    Order.objects.update(expires_at=clock.now() + timedelta(seconds=190))
    page = stage.open(url, "desktop", before=lambda page: page.clock.install())
    before = seconds_shown(page)
    assert 120 < before < 190
    page.clock.run_for(60_000)
    assert before - 75 < seconds_shown(page) <= before - 60
    Order.objects.update(expires_at=clock.now())
    page.clock.run_for(140_000)
    page.wait_for_selector("[data-state=expired]")
    page.unroute_all()
    page.route("https://shop.example/**", lambda route: route.fulfill(body="<h1>the shop</h1>"))
    page.click("#scanforpay-leave")
    page.wait_for_url("https://shop.example/done")
    assert Order.objects.get().state in ("closed", "expired")


def test_a_long_time_is_not_counted_in_seconds(stage: Stage) -> None:
    url = stage.create()
    Order.objects.update(expires_at=clock.now() + timedelta(days=2))
    expect(stage.open(url, "desktop").locator("#scanforpay-left")).to_be_hidden()


def test_a_code_that_is_used_up_is_replaced(stage: Stage) -> None:
    page = used_up(stage)
    Payment.objects.update(prepay_expires_at=clock.now())
    page.click("#scanforpay-fresh")
    page.wait_for_selector("[data-view-state=waiting]")
    expect(page.locator(".qr")).to_be_visible()
    assert Payment.objects.get().prepay_expires_at > clock.now() + timedelta(hours=1)


def test_offline_is_said_and_ends_by_itself(stage: Stage) -> None:
    page = stage.open(stage.create(), "desktop")
    stage.forgive("ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    expect(page.locator("#scanforpay-offline")).to_be_visible()
    page.click("#scanforpay-again")
    expect(page.locator("#scanforpay-offline")).to_be_visible()
    Order.objects.update(state="paid")
    page.context.set_offline(False)
    page.wait_for_selector("[data-state=paid]")
    expect(page.locator("#scanforpay-offline")).to_be_hidden()


def test_a_server_that_does_not_answer_is_asked_again(stage: Stage) -> None:
    page = stage.open(stage.create(), "desktop")
    stage.forgive("ERR_FAILED")
    page.route("**/status", lambda route: route.abort())
    expect(page.locator("#scanforpay-offline")).to_be_visible()
    Order.objects.update(state="paid")
    page.unroute("**/status")
    page.wait_for_selector("[data-state=paid]")


def test_money_that_arrives_after_the_end_is_shown(stage: Stage) -> None:
    url = stage.create()
    Order.objects.update(expires_at=clock.now())
    page = stage.open(url)
    page.wait_for_selector("[data-state=expired]")
    Order.objects.update(state="paid")
    page.wait_for_selector("[data-state=paid]", timeout=10_000)


def _without_script(browser: Browser, url: str, app: str) -> Page:
    context = browser.new_context(java_script_enabled=False, user_agent=user_agent(app))
    page = context.new_page()
    page.goto(url)
    return page


@pytest.mark.parametrize("app", ["desktop", "mobile", "wechat_miniprogram", "alipay"])
def test_without_javascript_the_code_is_there_and_the_status_by_reload(
    stage: Stage, browser: Browser, app: str
) -> None:
    page = _without_script(browser, stage.create(), app)
    expect(page.locator(".qr")).to_be_visible()
    Order.objects.update(state="paid")
    page.locator("noscript a").click()
    expect(page.locator("#scanforpay-paid")).to_be_visible()
    page.context.close()


def test_without_javascript_a_tap_pays(stage: Stage, browser: Browser) -> None:
    stage.grant("trade_create wap")
    page = _without_script(browser, stage.create(wallet="Alipay"), "mobile")
    page.click("#scanforpay-tap")
    assert "/sandbox/" in page.url
    page.context.close()


def test_without_javascript_the_bridge_page_says_what_is_missing(stage: Stage, browser: Browser) -> None:
    page = _without_script(browser, stage.create(), "wechat")
    expect(page.locator("noscript p")).to_be_visible()
    assert "JavaScript" in page.content()
    expect(page.locator("#scanforpay-pay")).to_be_hidden()
    expect(page.locator("#scanforpay-leave")).to_be_visible()
    page.context.close()


def test_the_status_is_spoken(stage: Stage) -> None:
    page = stage.open(stage.create(), before=bridge())
    page.wait_for_selector("[data-view-state=paying]")
    region = page.get_by_role("status")
    expect(region).to_have_attribute("aria-live", "polite")
    # A clock in a live region would be read out every second.
    assert region.locator("#scanforpay-clock").count() == 0
    expect(page.locator("#scanforpay-clock")).to_have_attribute("role", "timer")


def test_the_keyboards_focus_is_seen(stage: Stage) -> None:
    page = stage.open(stage.create(), "desktop")
    page.wait_for_selector("[data-view-state=waiting]")
    page.evaluate("document.getElementById('sandbox-bar')?.remove()")
    page.keyboard.press("Tab")
    style = page.evaluate(
        "(({outlineStyle, outlineWidth}) => [outlineStyle, outlineWidth])(getComputedStyle(document.activeElement))"
    )
    assert page.evaluate("document.activeElement.id") == "scanforpay-leave"
    assert style == ["solid", "3px"]


def test_a_second_click_does_not_leave_twice(stage: Stage) -> None:
    page = stage.open(stage.create(), "desktop")
    page.wait_for_selector("[data-view-state=waiting]")
    page.evaluate("document.querySelector('form').dispatchEvent(new Event('submit', {bubbles: true}))")
    assert page.evaluate("getComputedStyle(document.querySelector('.acts')).pointerEvents") == "none"
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert page.evaluate("getComputedStyle(document.querySelector('.acts')).pointerEvents") == "auto"
