"""The staff desk's pages, looked at: four languages, light and dark, on a desk and on a phone."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page

from scanforpay_django import clock
from scanforpay_django.models import Endpoint, Flag, Notification, Order, Payment, WalletAccount
from tests.browser.conftest import accessible, fits
from tests.browser.pairwise import pairwise
from tests.chromium import browser
from tests.rows import Rows

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LOOKS = pairwise(
    {
        "locale": ["zh-Hans", "en", "zh-Hant", "ja"],
        "scheme": ["light", "dark"],
        "width": [1280, 390],
    }
)
TITLES = ("龙井茶 明前 50 g", "春节礼盒", "普洱熟茶 357 g 等 3 件", "《浮城誌異》", "宇治抹茶 30 g")


@pytest.fixture
def busy(rows: Rows) -> list[Order]:
    """A shop's two days: each state, three currencies, flags, and messages in each state."""
    store = rows.store(rows.partner(), timezone="Asia/Shanghai")
    type(store).objects.filter(pk=store.pk).update(name="山茶小铺 徐汇店")
    account = WalletAccount.objects.create(store=store, wallet="Wechat")
    now, made = clock.now(), []
    states = ["pending", "paid", "refunded", "closed", "expired", "paid", "paid"]
    for number, state in reversed(list(enumerate(states))):
        currency = ("CNY", "HKD", "JPY")[number % 3]
        order = rows.order("https://shop.example/notify", store, state=state, currency=currency)
        at = now - timedelta(hours=number * 7)
        columns: dict[str, Any] = {
            "partner_order_no": f"CT-20261128-09{number:02}", "title": TITLES[number % 5],
            "amount": 168_00 * (number + 1),
            "created_at": at, "paid_at": at + timedelta(seconds=9) if state in ("paid", "refunded") else None,
        }  # fmt: skip
        if state == "refunded":
            columns["refunded_amount"] = columns["amount"]
        if number == 5:
            columns["refunded_amount"] = 30_00
        Order.objects.filter(pk=order.pk).update(**columns)
        order.refresh_from_db()
        if order.paid_at:
            Payment.objects.create(
                order=order, account=account, wallet="Wechat", product="jsapi", amount=order.amount, currency=currency,
                expires_at=order.expires_at, is_applied=True, state="paid", paid_at=order.paid_at,
                paid_amount=order.amount, paid_currency=currency, trade_no=f"42000020261128{number:010}",
                buyer="158****1234",
                refunded_amount=order.refunded_amount,
            )  # fmt: skip
        made.append(order)
    Flag.objects.create(order=made[3], kind="late_payment")
    for order, state in zip([made[1], made[5], made[6]], ["exhausted", "pending", "delivered"], strict=True):
        message = rows.notification("https://shop.example/notify", store)
        Notification.objects.filter(pk=message.pk).update(
            order=order, state=state, attempt_count=4, last_reason="" if state == "delivered" else "HTTP status 502",
            alarmed_at=now if state == "exhausted" else None, delivered_at=now if state == "delivered" else None,
        )  # fmt: skip
    Order.objects.exclude(pk__in=[order.pk for order in made]).delete()
    Endpoint.objects.create(
        partner=store.partner, origin="https://shop.example:443", key=message.endpoint, failures_in_row=6,
        open_since=now, recent=[120, -900, -1000, 140],
    )  # fmt: skip
    return made[::-1]


@pytest.fixture
def open_desk(
    browser: Browser, live_server: Any, staff: Client
) -> Iterator[Callable[[dict[str, Any], str], Page]]:
    """Opens a page of admin as the signed-in superuser, in a language, colour scheme and width."""
    contexts = []

    def opened(look: dict[str, Any], path: str) -> Page:
        context = browser.new_context(
            viewport={"width": look["width"], "height": 900},
            color_scheme=look["scheme"],
            locale={"zh-Hans": "zh-CN", "zh-Hant": "zh-TW"}.get(look["locale"], look["locale"]),
        )
        contexts.append(context)
        session = staff.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.goto(f"{live_server.url}{path}")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def staff(django_user_model: Any) -> Client:
    """Signed in as a superuser."""
    client = Client()
    client.force_login(django_user_model.objects.create_superuser("boss", "boss@example.com", "secret"))
    return client


#: a page's name -> its address, with the number of an order in it
PAGES = {
    "delivery": "/admin/scanforpay/notification/",
    "link": "/admin/scanforpay/order/add/",
    "link-done": "/admin/scanforpay/order/{order}/link/",
    "orders": "/admin/scanforpay/order/?from=2020-01-01",
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_fit_and_are_accessible(
    name: str, busy: list[Order], open_desk: Any, picture: Callable[[Page, str], None]
) -> None:
    for number, look in enumerate(LOOKS):
        page = open_desk(look, PAGES[name].format(order=busy[0].pk))
        assert page.locator(".sp").count() >= 1
        fits(page, "main")
        if not number:
            accessible(page, ".sp")
        picture(page, f"desk-{name}-{look['locale']}-{look['scheme']}-{look['width']}")
