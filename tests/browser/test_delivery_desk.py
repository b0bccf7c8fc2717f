"""Staff at the delivery desk, with a mouse."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.models import Notification
from tests.chromium import browser
from tests.rows import Rows
from tests.transport.zoo import Zoo, whole

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PICTURES = Path(__file__).resolve().parents[2] / "screenshots"


def deliver() -> None:
    """In a thread: Playwright's loop runs in this one."""
    thread = threading.Thread(target=drain)
    thread.start()
    thread.join()


@pytest.fixture
def desk(browser: Browser, live_server: Any, django_user_model: Any) -> Iterator[Page]:
    """The list of notifications, signed in."""
    django_user_model.objects.create_superuser("boss", "boss@example.com", "secret")
    context = browser.new_context(viewport={"width": 1400, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/scanforpay/notification/")
    page.fill("#id_username", "boss")
    page.fill("#id_password", "secret")
    page.click("[type=submit]")
    yield page
    context.close()


def take(page: Page, name: str) -> None:
    if os.environ.get("SCREENSHOTS"):
        PICTURES.mkdir(exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def list_of(page: Page) -> Locator:
    return page.get_by_role("table", name="Notifications").locator("tbody tr")


def states() -> list[str]:
    return list(Notification.objects.order_by("pk").values_list("state", flat=True))


def test_from_the_filters_to_the_timeline_to_sending_again(rows: Rows, zoo: Zoo, desk: Page) -> None:
    store, gone = rows.store(), zoo.answering(whole(b"<b>moved</b>\0\xff", b"410 Gone"))
    dead = [rows.notification(gone, store) for _ in range(3)]
    busy = rows.notification(zoo.answering(whole(b"", b"503 Busy")))
    rows.notification(zoo.answering(b"success"))
    deliver()
    desk.reload()
    take(desk, "desk-list")
    desk.get_by_role("navigation", name="State").get_by_role("link", name="given up").click()
    expect(list_of(desk)).to_have_count(3)
    for field, value in (
        ("Store", str(store.pk)),
        ("Last reason", "HTTP status 410"),
        ("Endpoint", dead[0].endpoint),
    ):
        desk.get_by_label(field, exact=True).select_option(value)
        desk.get_by_role("button", name="Show").click()
        expect(list_of(desk)).to_have_count(3)
    take(desk, "desk-filtered")
    desk.get_by_role("link", name=dead[2].order.partner_order_no).click()
    timeline = desk.locator(".inline-group")
    expect(timeline).to_contain_text("HTTP status 410")
    expect(timeline).to_contain_text("<b>moved</b>\ufffd\ufffd")
    expect(timeline).to_contain_text("127.0.0.1")
    take(desk, "desk-timeline")
    desk.get_by_role("button", name="Resend").click()
    expect(desk.locator(".messagelist")).to_contain_text("1 notification will be resent")
    assert states() == ["exhausted", "exhausted", "pending", "pending", "delivered"]
    desk.go_back()
    desk.goto(desk.url.partition("/scanforpay/")[0] + "/scanforpay/notification/?state__exact=exhausted")
    desk.get_by_label("All of this page").check()
    desk.get_by_role("button", name="Resend the selected").click()
    expect(desk.locator(".messagelist")).to_contain_text("2 notifications will be resent")
    assert states() == ["pending", "pending", "pending", "pending", "delivered"]
    busy.refresh_from_db()
    assert busy.last_reason == "HTTP status 503"


def test_a_partner_s_dead_ones_a_test_and_the_endpoints(rows: Rows, zoo: Zoo, desk: Page) -> None:
    store = rows.store()
    url = zoo.answering(whole(b"", b"410 Gone"), whole(b"", b"410 Gone"), b"bad signature")
    for _ in range(2):
        rows.notification(url, store)
    deliver()
    desk.reload()
    desk.get_by_role("link", name="Resend all given-up ones of a partner").click()
    take(desk, "desk-desk")
    desk.select_option("#id_partner", str(store.partner.pk))
    desk.fill("#id_since_0", "2020-01-01")
    desk.fill("#id_since_1", "00:00")
    desk.get_by_role("button", name="Resend").click()
    expect(desk.locator(".messagelist")).to_contain_text("2 notifications will be resent")
    desk.select_option("#id_store", str(store.pk))
    desk.get_by_role("button", name="Send a test").click()
    came_back = desk.locator("#test-answer")
    expect(came_back).to_contain_text("the answer is not “success”")
    expect(came_back).to_contain_text("bad signature")
    take(desk, "desk-test")
    desk.goto(desk.url.partition("/scanforpay/")[0] + "/scanforpay/endpoint/")
    row = desk.locator("#result_list tbody tr")
    expect(row).to_contain_text("0%")
    expect(row).to_contain_text("normal")
    take(desk, "desk-endpoints")
