"""The reconciliation page in a browser: accessible, no wider than a phone, and a difference is closed with a mouse."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from scanforpay_django.models import BillDay, Difference, Store
from tests.admin.reconciliation import DAY, make_scene
from tests.browser.conftest import WCAG
from tests.chromium import browser
from tests.operations.figures.calendar import At, at, store

__all__ = ["at", "browser", "store"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.sqlite,
    pytest.mark.django_db(transaction=True),
]
LOOKS = ((1280, "light", "en-GB"), (390, "dark", "zh-CN"), (390, "light", "ja"), (1280, "dark", "zh-TW"))
PICTURES = Path(__file__).resolve().parents[2] / "screenshots"


@pytest.fixture
def places(store: Store, at: At) -> list[str]:
    """Each page of a shop with bills in every state."""
    at("2026-11-28 12:00")
    scene = make_scene(store)
    for state in ("late", "none", "gone", "broken", "waiting"):
        columns = {
            "merchant": f"Alipay:production:2088{state}",
            "number": f"2088{state}",
            "account": scene.account,
        }
        BillDay.objects.create(bill_type="trade", day=DAY, state=state, ask_count=6, **columns)
    keys = {
        kind: scene.difference(kind).pk for kind in ("paid_there_closed_here", "refund_unknown", "fee_rate")
    }
    pages = [reverse("admin:scanforpay_difference_change", args=[key]) for key in keys.values()]
    return [
        reverse("admin:scanforpay_difference_changelist"),
        *pages,
        reverse("admin:scanforpay_difference_line", args=[keys["refund_unknown"]]),
        f"{reverse('admin:scanforpay_difference_close')}?bill={scene.days[1].pk}",
    ]


@pytest.fixture
def open_desk(browser: Browser, live_server: Any, django_user_model: Any) -> Any:
    """A signed-in superuser's browser, by width, scheme and language."""
    client = Client()
    client.force_login(django_user_model.objects.create_superuser("boss", "boss@example.com", "secret"))
    contexts = []

    def opened(width: int, scheme: str, language: str) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, locale=language
        )
        contexts.append(context)
        session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        context.add_cookies([session])
        page: Page = context.new_page()
        return page

    yield opened
    for context in contexts:
        context.close()


def test_pages_are_accessible_and_fit(
    places: list[str], live_server: Any, open_desk: Callable[..., Page]
) -> None:
    for look in LOOKS:
        page = open_desk(*look)
        for number, place in enumerate(places):
            answer = page.goto(f"{live_server.url}{place}")
            assert answer is not None
            assert answer.status == 200, place
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (look, place)
            found = Axe().run(page, context=".sp", options={"runOnly": WCAG}).response
            said = [f"{one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]]
            assert said == [], (look, place)
            assert page.locator(".sp [style], .sp script, .sp [onclick]").count() == 0
            if os.environ.get("SCREENSHOTS"):
                PICTURES.mkdir(exist_ok=True)
                page.screenshot(
                    path=PICTURES / f"reconciliation-{number}-{look[2]}-{look[0]}.png", full_page=True
                )


@pytest.mark.parametrize("width", [1280, 390])
def test_selected_ones_are_closed(
    places: list[str], live_server: Any, open_desk: Callable[..., Page], width: int
) -> None:
    page = open_desk(width, "light", "en-GB")
    page.goto(f"{live_server.url}{places[0]}")
    page.get_by_role("link", name="3 different").click()
    expect(page.get_by_role("button", name="Close all open ones of this bill…")).to_be_visible()
    page.get_by_label("All of this page").check()
    page.get_by_role("button", name="Close the selected with a reason…").click()
    page.get_by_label("Reason").fill("agreed by phone")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("3 differences were closed.")
    page.get_by_role("link", name="Closed", exact=True).click()
    expect(page.locator(".sp tbody").last).to_contain_text("agreed by phone")
    assert not Difference.objects.open().exists()
