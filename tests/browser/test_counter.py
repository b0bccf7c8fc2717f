"""A till: its printed code scanned in each app, the amount typed, paid, and seen at the till."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import segno
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from scanforpay_django.models import CounterCode, Order, Store
from scanforpay_django.operations.printed_card import QR_SIDE, QR_TOP, WIDTH, draw_svg, lay_out
from scanforpay_django.page_address import counter_address
from tests.browser.conftest import PICTURES, accessible, fits
from tests.merchant import Merchant

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def code(merchant: Merchant) -> CounterCode:
    Store.objects.update(color="#8a1538")
    return CounterCode.objects.create(store=merchant.store, number="till-1", name="1 号收银台")


@pytest.fixture
def till(browser: Browser, live_server: Any, django_user_model: Any, code: CounterCode) -> Iterator[Page]:
    """The till's page, open on the counter; speech is noted rather than heard."""
    client = Client()
    client.force_login(django_user_model.objects.create_superuser("boss", "boss@example.com", "secret"))
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page = context.new_page()
    page.add_init_script(
        "window.said = []; window.SpeechSynthesisUtterance = function (text) { this.text = text };"
        "Object.defineProperty(window, 'speechSynthesis', {value: {speak: one => window.said.push(one.text)}});"
    )
    page.goto(f"{live_server.url}/admin/scanforpay/countercode/{code.pk}/till/")
    yield page
    context.close()


@pytest.mark.parametrize("app", ["wechat", "alipay"])
def test_scanned_typed_paid_and_heard_at_the_till(
    app: str, code: CounterCode, till: Page, open_page: Callable[..., Page], picture: Any
) -> None:
    till.click("#scanforpay-aloud")
    page = open_page(counter_address(code.token), app)
    expect(page.get_by_role("button", name="付款")).to_be_disabled()
    for key in ("2", "1", "0", "back", ".", "5"):
        page.click(f"[data-key='{key}']")
    expect(page.locator("#scanforpay-amount")).to_have_value("21.5")
    fits(page)
    accessible(page)
    picture(page, f"counter-{app}")
    page.get_by_role("button", name="付款").click()
    expect(page.locator("body")).to_have_attribute("data-channel", app)
    page.click("#sandbox-pay")
    expect(page.locator("#scanforpay-paid")).to_be_visible()
    expect(till.locator("#scanforpay-till tbody tr")).to_contain_text("21.50")
    expect(till.locator("#scanforpay-till tbody tr")).to_contain_text("已支付")
    expect(till.locator("#scanforpay-heard")).to_have_text("收到 ¥21.50。")
    assert till.evaluate("window.said") == [" ", "收到 ¥21.50。"]
    expect(till.locator("#scanforpay-silent")).to_be_hidden()
    accessible(till, ".sp")
    fits(till)
    picture(till, f"till-{app}")
    assert Order.objects.get().entry == "counter"


def test_the_till_sets_the_amount(code: CounterCode, till: Page, open_page: Callable[..., Page]) -> None:
    till.fill("#id_amount", "18.00")
    till.get_by_role("button", name="设到收款码").click()
    expect(till.locator("#scanforpay-till")).to_contain_text("现在扫码的顾客支付")
    page = open_page(counter_address(code.token), "wechat")
    expect(page.get_by_role("heading", level=1)).to_have_text("¥18.00")
    page.click("#sandbox-pay")
    expect(page.locator("#scanforpay-paid")).to_be_visible()
    expect(till.locator("#scanforpay-till")).not_to_contain_text("现在扫码的顾客支付")


@pytest.mark.parametrize(
    ("locale", "dark"), [("zh-CN", True), ("zh-HK", False), ("en-US", True), ("ja-JP", False)]
)
def test_the_keypad_in_each_language(
    locale: str, dark: bool, code: CounterCode, open_page: Callable[..., Page], picture: Any
) -> None:
    page = open_page(counter_address(code.token), "mobile", locale=locale, dark=dark)
    fits(page)
    accessible(page)
    picture(page, f"counter-{locale}")


def test_the_cards_code_leads_to_the_page(code: CounterCode, browser: Browser) -> None:
    card = lay_out(code)
    assert card.address == counter_address(code.token)
    rows = list(segno.make(card.address, error="m", micro=False).matrix_iter(border=4))
    side = QR_SIDE / len(rows)
    page = browser.new_page(viewport={"width": 420, "height": 592})
    page.set_content(f"<style>body{{margin:0}}</style>{draw_svg(card)}")
    drawn = page.evaluate(
        "([side, left, top, rows]) => rows.map((row, y) => row.map((_, x) => document.querySelector('path')"
        ".isPointInFill(new DOMPoint(left + (x + .5) * side, top + (y + .5) * side))))",
        [side, (WIDTH - QR_SIDE) / 2, QR_TOP, [list(row) for row in rows]],
    )
    assert drawn == [[bool(one) for one in row] for row in rows]
    if os.environ.get("SCREENSHOTS"):
        page.screenshot(path=PICTURES / "counter-card.png")
    page.close()
