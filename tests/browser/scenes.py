"""Every state of every page, brought about the way it comes about in life."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from scanforpay_django import clock
from scanforpay_django.cashier.sign_in import MAX_SIGN_INS_PER_ADDRESS
from scanforpay_django.models import OAuthState, Order, Payment
from scanforpay_django.operations.call_counter import count_call
from tests.browser.stage import SAYS_CANCEL, SAYS_OK, Stage, bridge

DOWN = {
    "local_sandbox": {"Wechat": {"api": "http://127.0.0.1:9"}, "Alipay": {"gateway": "http://127.0.0.1:9/"}}
}


def paying(stage: Stage) -> Page:
    """The wallet's sheet is open, or would be."""
    page = stage.open(stage.create(), before=bridge())
    page.wait_for_selector("[data-view-state=paying]")
    return page


def cancelled(stage: Stage) -> Page:
    """Closed by the customer."""
    page = stage.open(stage.create(), before=bridge(SAYS_CANCEL))
    page.wait_for_selector("[data-view-state=cancelled]")
    return page


def confirming(stage: Stage) -> Page:
    """The bridge said yes; our server does not know yet."""
    page = stage.open(stage.create(), before=bridge(SAYS_OK))
    page.wait_for_selector("[data-view-state=confirming]")
    return page


def slow(stage: Stage) -> Page:
    """Nobody told us for a quarter of an hour."""

    def prepare(page: Page) -> None:
        page.clock.install()
        bridge(SAYS_OK)(page)

    page = stage.open(stage.create(), before=prepare)
    while page.locator("[data-view-state=slow]").count() == 0:
        with page.expect_response("**/status"):
            page.clock.run_for(31_000)
    return page


def no_bridge(stage: Stage) -> Page:
    """The app has no bridge, or an old one."""

    def prepare(page: Page) -> None:
        page.clock.install()
        bridge(absent=True)(page)

    page = stage.open(stage.create(), before=prepare)
    page.wait_for_selector("[data-view-state=paying]")
    page.clock.run_for(8_100)
    page.wait_for_selector("[data-view-state=no_bridge]")
    return page


def qr(stage: Stage) -> Page:
    """To be scanned."""
    return stage.open(stage.create(), "desktop")


def album(stage: Stage) -> Page:
    """A phone's browser without H5."""
    return stage.open(stage.create(), "mobile")


def used_up(stage: Stage) -> Page:
    """The platform's own code wore out before the order did."""
    stage.grant("native precreate")
    url = stage.create()
    page = stage.open(url, "desktop")
    Payment.objects.update(prepay_expires_at=clock.now() + timedelta(seconds=61.5))
    page.reload()
    page.wait_for_selector("[data-view-state=used_up]", timeout=10_000)
    return page


def wrong_app(stage: Stage) -> Page:
    """Another wallet's order."""
    stage.grant("jsapi h5 trade_create wap")
    return stage.open(stage.create(wallet="Alipay"), "wechat")


def miniprogram(stage: Stage) -> Page:
    """A web-view that cannot pay."""
    return stage.open(stage.create(wallet="Wechat"), "wechat_miniprogram")


def tap(stage: Stage) -> Page:
    """A phone's browser with a wallet's own page behind the button."""
    stage.grant("jsapi h5 trade_create wap")
    return stage.open(stage.create(), "mobile")


def choose(stage: Stage) -> Page:
    """A phone's browser, and an order that takes any wallet."""
    stage.grant("jsapi h5 trade_create wap")
    return stage.open(stage.create(wallet="Any"), "mobile")


def either(stage: Stage) -> Page:
    """One code for all wallets."""
    return stage.open(stage.create(wallet="Any"), "desktop")


def chosen(stage: Stage) -> Page:
    """The code of the wallet that was chosen, which is no other's."""
    stage.grant("native precreate")
    page = stage.open(stage.create(wallet="Any"), "desktop")
    page.click("#scanforpay-with-2")
    page.wait_for_selector("[data-view=qr]")
    return page


def till(stage: Stage) -> Page:
    """The code first, with "pay on this phone"."""
    url = stage.create()
    Order.objects.update(entry=Order.Entry.QRCODE)
    return stage.open(url, "mobile")


STAYS = """
var later = window.setTimeout;
window.setTimeout = function (run, delay) { return delay === 2000 ? 0 : later(run, delay); };
"""


def just_paid(stage: Stage) -> Page:
    """Before it goes on to the shop by itself after two seconds, which here never pass."""
    page = stage.open(stage.create(), "desktop", before=lambda page: page.add_init_script(STAYS))
    Order.objects.update(state="paid")
    page.reload()
    return page


def ended(state: str) -> Callable[[Stage], Page]:
    """Opened again after the end."""

    def scene(stage: Stage) -> Page:
        url = stage.create()
        Order.objects.update(state=state, returned_at=clock.now() if state == "paid" else None)
        return stage.open(url)

    return scene


def overdue(stage: Stage) -> Page:
    """Its time is up; the sweep has not been there yet."""
    url = stage.create()
    Order.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    return stage.open(url)


def unknown(stage: Stage) -> Page:
    """No such order."""
    url = stage.create()
    page = stage.open(url[:-22] + "A" * 22)
    stage.forgive("status of 404")
    return page


def no_account(stage: Stage) -> Page:
    """The shop cannot take it."""
    stage.grant("codepay")
    return stage.open(stage.create())


def too_late(stage: Stage) -> Page:
    """A minute left: too short for a new attempt."""
    url = stage.create()
    Order.objects.update(expires_at=clock.now() + timedelta(seconds=60))
    return stage.open(url)


def busy(stage: Stage) -> Page:
    """Somebody else is paying."""
    url = stage.create()
    stage.open(url, before=bridge()).wait_for_selector("[data-view-state=paying]")
    Payment.objects.update(state="paid")
    return stage.open(url)


def _states(stage: Stage, count: int) -> OAuthState:
    order = Order.objects.get()
    account = stage.merchant.store.wallet_accounts.get(wallet=stage.wallet)
    made = [
        OAuthState.objects.create(order=order, account=account, token=order.token, browser="b" * 22)
        for _ in range(count)
    ]
    return made[0]


def cookies(stage: Stage) -> Page:
    """The sign-in came back to another browser."""
    url = stage.create()
    key = _states(stage, 1).key
    return stage.open(f"{url.rpartition('/pay/')[0]}/oauth/{stage.wallet.lower()}?state={key}&code=1")


def sign_in(stage: Stage) -> Page:
    """WeChat sends the customer back without a word, again and again."""
    url = stage.create()
    order = Order.objects.get(token=url.rpartition("/")[2])
    for _ in range(MAX_SIGN_INS_PER_ADDRESS):
        count_call(f"sign-in {order.pk} 127.0.0.1", MAX_SIGN_INS_PER_ADDRESS)
    return stage.open(url)


def closing(stage: Stage) -> Page:
    """Leaving, while the platform cannot be asked."""
    page = stage.open(stage.create(), before=bridge(SAYS_CANCEL))
    page.wait_for_selector("[data-view-state=cancelled]")
    stage.settings.SCANFORPAY_PLATFORM_HOSTS = DOWN
    page.click("#scanforpay-leave")
    page.wait_for_selector("[data-view=closing]")
    return page


def platform(stage: Stage) -> Page:
    """The platform is down."""
    stage.settings.SCANFORPAY_PLATFORM_HOSTS = DOWN
    page = stage.open(stage.create())
    stage.forgive("status of 503")
    return page


def way_back(stage: Stage) -> Page:
    """The form that posts itself, held."""
    url = stage.create()
    page = stage.open(url, "desktop", before=lambda page: page.add_init_script(
        "HTMLFormElement.prototype.submit = function () {};"
    ))  # fmt: skip
    Order.objects.update(state="paid")
    page.goto(f"{url}/return")
    return page


def offline(stage: Stage) -> Page:
    """No network behind an open page."""
    page = qr(stage)
    stage.forgive("ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    page.wait_for_selector("#scanforpay-offline:visible")
    return page


#: name -> (how it comes about, data-view, its button, or one for each wallet)
SCENES: dict[str, tuple[Callable[[Stage], Page], str, str]] = {
    "paying": (paying, "bridge", "pay"),
    "cancelled": (cancelled, "bridge", "pay"),
    "confirming": (confirming, "bridge", ""),
    "slow": (slow, "bridge", ""),
    "no_bridge": (no_bridge, "bridge", "pay"),
    "qr": (qr, "qr", ""),
    "album": (album, "qr", "save"),
    "till": (till, "qr", "here"),
    "miniprogram": (miniprogram, "qr", "copy"),
    "used_up": (used_up, "qr", "fresh"),
    "wrong_app": (wrong_app, "wrong_app", "copy"),
    "tap": (tap, "tap", "tap"),
    "choose": (choose, "choose", "with-1 with-2"),
    "either": (either, "qr", ""),
    "chosen": (chosen, "qr", ""),
    "paid": (ended("paid"), "result", ""),
    "just_paid": (just_paid, "result", "back"),
    "refunded": (ended("refunded"), "result", ""),
    "closed": (ended("closed"), "result", "back"),
    "expired": (ended("expired"), "result", "back"),
    "overdue": (overdue, "result", "leave"),
    "unknown": (unknown, "unknown", ""),
    "no_account": (no_account, "no_account", "leave"),
    "too_late": (too_late, "too_late", "leave"),
    "busy": (busy, "busy", "retry"),
    "cookies": (cookies, "cookies", "retry"),
    "sign_in": (sign_in, "sign_in", "retry"),
    "closing": (closing, "closing", "leave"),
    "platform": (platform, "platform", "retry"),
    "return": (way_back, "return", "back"),
    "offline": (offline, "qr", ""),
}


def shows(page: Page, view: str, act: str) -> None:
    """The page that was expected, with its buttons."""
    expect(page.locator("body")).to_have_attribute("data-view", view)
    found = [one.get_attribute("id") for one in page.locator(".act:visible").all()]
    assert found == [f"scanforpay-{one}" for one in act.split()]
