"""The bridge: the object first, then its event, once; and what its answers are taken for."""

import itertools

import pytest
from playwright.sync_api import Page, expect

from scanforpay_django.models import Order
from tests.browser.conftest import Visitor
from tests.browser.stage import SAYS_OK, Stage, bridge
from tests.merchant import Merchant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WALLETS = [("wechat", "Wechat", "WeixinJSBridgeReady"), ("alipay", "Alipay", "AlipayJSBridgeReady")]
CALLS = {"wechat": "getBrandWCPayRequest", "alipay": "tradePay"}
MAYBE = [
    ("wechat", "Wechat", "{err_msg: 'get_brand_wcpay_request:ok'}"),
    ("wechat", "Wechat", "{err_msg: 'get_brand_wcpay_request:fail'}"),
    ("wechat", "Wechat", "{err_msg: 'system:access_denied'}"),
    ("wechat", "Wechat", "undefined"),
    ("alipay", "Alipay", "{resultCode: '9000'}"),
    ("alipay", "Alipay", "{resultCode: '8000'}"),
    ("alipay", "Alipay", "{resultCode: '6004'}"),
    ("alipay", "Alipay", "{resultCode: '6002'}"),
    ("alipay", "Alipay", "{resultCode: '4000'}"),
    ("alipay", "Alipay", "{error: 4}"),
]
CANCELS = [
    ("wechat", "Wechat", "{err_msg: 'get_brand_wcpay_request:cancel'}"),
    ("alipay", "Alipay", "{resultCode: '6001'}"),
    ("alipay", "Alipay", "{resultCode: 99}"),
]


@pytest.fixture
def stage(merchant: Merchant, open_page: Visitor, settings) -> Stage:
    """Pages of this merchant."""
    return Stage(merchant, open_page, settings)


def in_state(page: Page, name: str) -> None:
    """The page shows this."""
    page.wait_for_selector(f"[data-view-state={name}]")


def calls(page: Page) -> list[str]:
    """What the bridge was asked for."""
    return page.evaluate("window.calls")


def with_clock(script: str = "", **options: bool):
    """A bridge in a page whose time the test moves."""

    def prepare(page: Page) -> None:
        page.clock.install()
        bridge(script, **options)(page)

    return prepare


@pytest.mark.parametrize(("app", "wallet", "event"), WALLETS)
def test_an_object_that_is_there_is_called_at_once_and_once(
    stage: Stage, app: str, wallet: str, event: str
) -> None:
    page = stage.open(stage.create(wallet=wallet), app, before=bridge())
    in_state(page, "paying")
    page.evaluate("name => document.dispatchEvent(new Event(name))", event)
    assert calls(page) == [CALLS[app]]
    expect(page.locator("#scanforpay-pay")).to_be_disabled()


@pytest.mark.parametrize(("app", "wallet", "event"), WALLETS)
def test_one_that_comes_late_is_called_on_its_event_once(
    stage: Stage, app: str, wallet: str, event: str
) -> None:
    page = stage.open(stage.create(wallet=wallet), app, before=bridge(absent=True))
    in_state(page, "paying")
    assert calls(page) == []
    page.evaluate("window.noBridge = false")
    for _ in range(3):
        page.evaluate("name => document.dispatchEvent(new Event(name))", event)
    assert calls(page) == [CALLS[app]]


def test_after_the_time_out_a_late_bridge_waits_for_the_tap(stage: Stage) -> None:
    page = stage.open(stage.create(), before=with_clock(absent=True))
    in_state(page, "paying")
    page.clock.run_for(8_100)
    in_state(page, "no_bridge")
    expect(page.locator("#scanforpay-pay")).to_be_enabled()
    page.evaluate("window.noBridge = false")
    page.evaluate("document.dispatchEvent(new Event('WeixinJSBridgeReady'))")
    assert calls(page) == []
    page.click("#scanforpay-pay")
    page.evaluate("document.dispatchEvent(new Event('WeixinJSBridgeReady'))")
    assert calls(page) == ["getBrandWCPayRequest"]


def test_a_second_tap_makes_no_second_call(stage: Stage) -> None:
    page = stage.open(stage.create(), before=bridge())
    in_state(page, "paying")
    page.evaluate("document.getElementById('scanforpay-pay').disabled = false")
    page.click("#scanforpay-pay")
    page.click("#scanforpay-pay")
    assert len(calls(page)) == 1


def test_a_bridge_that_throws_is_a_bridge_that_did_not_open(stage: Stage) -> None:
    page = stage.open(stage.create(), before=bridge("throw new Error('old');"))
    in_state(page, "no_bridge")
    expect(page.locator("#scanforpay-pay")).to_be_enabled()


@pytest.mark.parametrize(("app", "wallet", "answer"), MAYBE)
def test_every_answer_but_cancel_is_checking_never_failed(
    stage: Stage, app: str, wallet: str, answer: str
) -> None:
    page = stage.open(
        stage.create(wallet=wallet), app, before=bridge(f"setTimeout(() => done({answer}), 20);")
    )
    in_state(page, "confirming")
    expect(page.locator("[data-when=confirming]")).to_be_visible()
    expect(page.locator(".act:visible")).to_have_count(0)


@pytest.mark.parametrize(("app", "wallet", "answer"), CANCELS)
def test_a_cancel_leaves_the_order_payable(stage: Stage, app: str, wallet: str, answer: str) -> None:
    page = stage.open(
        stage.create(wallet=wallet), app, before=bridge(f"setTimeout(() => done({answer}), 20);")
    )
    in_state(page, "cancelled")
    page.click("#scanforpay-pay")
    in_state(page, "cancelled")
    assert len(calls(page)) == 2
    assert Order.objects.get().state == "pending"


def test_a_bridge_that_never_answers_ends_in_checking(stage: Stage) -> None:
    page = stage.open(stage.create(), before=with_clock())
    in_state(page, "paying")
    page.clock.run_for(30_100)
    in_state(page, "confirming")
    page.evaluate("window.done({err_msg: 'get_brand_wcpay_request:cancel'})")
    in_state(page, "cancelled")


def test_an_old_calls_answer_does_not_speak_for_the_new_one(stage: Stage) -> None:
    page = stage.open(stage.create(), before=with_clock())
    in_state(page, "paying")
    page.evaluate("window.first = window.done")
    page.clock.run_for(30_100)
    in_state(page, "confirming")
    for _ in range(5):
        with page.expect_response("**/status"):
            page.clock.run_for(5_000)
    page.click("#scanforpay-retry")
    in_state(page, "paying")
    page.evaluate("window.first({err_msg: 'get_brand_wcpay_request:cancel'})")
    assert page.locator("body").get_attribute("data-view-state") == "paying"
    assert len(calls(page)) == 2


def test_the_server_is_asked_after_1_2_3_to_30_seconds_then_the_shop_will_be_told(stage: Stage) -> None:
    page = stage.open(stage.create(), before=with_clock(SAYS_OK))
    page.clock.run_for(50)
    in_state(page, "confirming")
    asked = []
    page.on("response", lambda response: response.url.endswith("/status") and asked.append(response.url))
    with page.expect_response("**/status"):
        page.clock.run_for(350)
    for seconds in itertools.chain(range(1, 31), [30, 30]):
        before = len(asked)
        page.wait_for_timeout(30)
        page.clock.run_for(seconds * 1000 - 200)
        assert len(asked) == before, f"asked before {seconds} s were over"
        with page.expect_response("**/status"):
            page.clock.run_for(400)
    in_state(page, "slow")
    expect(page.locator("div[data-when=slow]")).to_be_visible()
    expect(page.locator("#scanforpay-leave-slow")).to_be_visible()
    Order.objects.update(state="paid")
    with page.expect_response("**/status"):
        page.clock.run_for(30_500)
    in_state(page, "paid")


def test_who_comes_back_to_the_page_is_told_what_the_server_knows(stage: Stage) -> None:
    page = stage.open(stage.create(), before=bridge())
    in_state(page, "paying")
    Order.objects.update(state="paid")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    in_state(page, "paid")


@pytest.mark.parametrize("app", ["wechat", "desktop"])
def test_a_page_from_the_back_forward_cache_asks_again(stage: Stage, app: str) -> None:
    page = stage.open(stage.create(), app, before=bridge())
    page.wait_for_selector("[data-view-state]")
    Order.objects.update(state="paid")
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    in_state(page, "paid")


def test_the_back_forward_cache_wakes_a_call_that_is_gone_as_checking(stage: Stage) -> None:
    page = stage.open(stage.create(), before=bridge())
    in_state(page, "paying")
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    in_state(page, "confirming")


def test_the_page_pays_without_a_round_trip_of_its_own(stage: Stage) -> None:
    sent = []

    def prepare(page: Page) -> None:
        bridge("window.at = performance.getEntriesByType('resource').length;")(page)
        page.on("request", lambda request: sent.append(request.url))

    page = stage.open(stage.create(), before=prepare)
    in_state(page, "paying")
    assert page.evaluate("window.at") == 0
    assert not [url for url in sent if url.endswith("/status")]
