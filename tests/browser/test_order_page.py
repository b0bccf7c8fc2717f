"""An order's pages in a browser: accessible, no wider than a phone, and the copy button copies."""

from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from scanforpay_django import clock
from tests.admin.test_order_page import RICH
from tests.browser.conftest import WCAG
from tests.chromium import browser
from tests.merchant import seed_merchant
from tests.operations.order_story.seed import Story, seed
from tests.operations.order_story.stories import STRAY

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WIDER = "document.documentElement.scrollWidth - innerWidth"


def sign_in(page: Page, place: str) -> None:
    page.goto(place)
    page.fill("#id_username", "boss")
    page.fill("#id_password", "secret")
    page.click("[type=submit]")


def test_staff_look_at_orders(browser: Browser, live_server: Any, django_user_model: Any) -> None:
    django_user_model.objects.create_superuser("boss", "boss@example.com", "secret")
    store = seed_merchant().store
    far = clock.now() + timedelta(minutes=10)
    pending = seed(store, Story(name="pending", order={"expires_at": far}, says=""))
    late = Story(
        name="late", order={"state": "closed", "partner_order_no": "CT-2"}, payments=(STRAY,),
        flags=("late_payment",), says="",
    )  # fmt: skip
    rich = Story(**{**vars(RICH), "order": {**RICH.order, "partner_order_no": "CT-3"}})
    pks = [pending.pk, seed(store, late).pk, seed(store, rich).pk]
    names = {"order_change": pks, "order_refund": pks[1:], "order_accept": pks[1:2]}
    places = [
        live_server.url + reverse(f"admin:scanforpay_{name}", args=[pk])
        for name, found in names.items()
        for pk in found
    ]
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB", color_scheme="dark")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    sign_in(page, places[0])
    for place in places:
        page.goto(place)
        assert page.evaluate(WIDER) <= 0, place
        page.evaluate("document.querySelectorAll('.sp details').forEach((one) => { one.open = true })")
        found = Axe().run(page, context=".sp", options={"runOnly": WCAG})
        assert [one["id"] for one in found.response["violations"]] == [], place
    page.goto(places[0])
    page.get_by_role("button", name="Copy the pay address").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == pending.pay_url
    assert page.locator(".sp [style], .sp script, .sp [onclick]").count() == 0
    context.close()
