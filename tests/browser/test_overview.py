"""The overview in a browser: accessible, and nothing scrolls sideways."""

from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from scanforpay_django import clock
from scanforpay_django.models import Flag, PlatformMinute, WorkerBeat
from tests.browser.conftest import WCAG
from tests.chromium import browser
from tests.merchant import seed_merchant
from tests.operations.figures.calendar import follow, make, open_page, pay, refund

__all__ = ["browser"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.sqlite,
    pytest.mark.django_db(transaction=True),
]
LOOKS = ((1280, "light", "en-GB"), (1280, "dark", "ja"), (390, "light", "zh-CN"))


@pytest.fixture
def address(live_server: Any, django_user_model: Any) -> str:
    """Where a superuser signs in; there were sales in two currencies, and trouble."""
    django_user_model.objects.create_superuser("boss", "boss@example.com", "secret")
    store = seed_merchant().store
    payments = [
        open_page(make(store, wallet=wallet, currency=currency))
        for wallet, currency in (("Wechat", "CNY"), ("Alipay", "CNY"), ("Wechat", "JPY"))
    ]
    for payment in payments:
        pay(payment)
        payment.refresh_from_db()
    refund(payments[0], 500)
    for kind in ("refund_stuck", "late_payment"):
        Flag.objects.create(order=payments[0].order, kind=kind)
    for host in ("pay-1", "pay-2"):
        WorkerBeat.objects.record(host, "worker")
    WorkerBeat.objects.filter(host="pay-2").update(at=clock.now() - timedelta(minutes=6))
    PlatformMinute.objects.create(
        minute=clock.now(), wallet="Wechat", host="api.mch.weixin.qq.com", calls=7812, errors=3,
        durations={"-49": 7000, "-31": 812}, last_error="SYSTEM_ERROR", last_error_at=clock.now(),
    )  # fmt: skip
    follow()
    return f"{live_server.url}/admin/login/?next=/admin/scanforpay/"


def test_it_is_accessible_and_fits(browser: Browser, address: str) -> None:
    for width, scheme, language in LOOKS:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, locale=language
        )
        page = context.new_page()
        page.goto(address)
        page.fill("#id_username", "boss")
        page.fill("#id_password", "secret")
        page.click("[type=submit]")
        page.locator(".sp details summary").click()
        assert page.locator(".sp-svg:visible").count() == 1
        found = Axe().run(page, context=".sp", options={"runOnly": WCAG}).response
        assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]] == []
        # The table has a scroll bar of its own.
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        context.close()
