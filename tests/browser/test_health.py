"""How the installation does, looked at: four languages, light and dark, on a desk and on a phone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from scanforpay_django import clock
from scanforpay_django.models import HostClock, SignKey, WalletAccount
from tests.browser.conftest import accessible, fits
from tests.browser.test_desk import LOOKS, browser, open_desk, staff
from tests.merchant import Merchant

__all__ = ["browser", "open_desk", "staff"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.sqlite,
    pytest.mark.django_db(transaction=True),
]
ADDRESS = "/admin/scanforpay/store/health/"


@pytest.fixture
def ailing(merchant: Merchant, settings: Any) -> Merchant:
    """No worker, a key that was taken away, a wrong clock, certificates that end; and Redis is away."""
    SignKey.objects.update(secret_ciphertext="gAAAA-of-another-key")
    HostClock.objects.record("payments-worker-2.shanghai.internal.camellia.example", 95)
    WalletAccount.objects.update(certificates_end_at=clock.now() + timedelta(days=12))
    settings.SCANFORPAY_LIMITS_REDIS_URL = "redis://127.0.0.1:1/0"
    return merchant


def examine(page: Page) -> None:
    """The window is as high as the page: axe-core cannot tell what is behind a text that a window's edge cuts."""
    width = page.evaluate("innerWidth")
    page.set_viewport_size({"width": width, "height": page.evaluate("document.body.scrollHeight")})
    accessible(page, ".sp")
    fits(page)


def test_it_fits_and_is_accessible(
    ailing: Merchant, open_desk: Any, picture: Callable[[Page, str], None]
) -> None:
    for look in LOOKS:
        page = open_desk(look, ADDRESS)
        assert page.locator(".sp-nav [aria-current=page]").count() == 1
        assert page.locator(".sp-todo > li.bad").count() > 4
        examine(page)
        picture(page, f"health-{look['locale']}-{look['scheme']}-{look['width']}")


def test_the_platforms_are_asked_by_a_button(
    ailing: Merchant, open_desk: Any, settings: Any, picture: Callable[[Page, str], None]
) -> None:
    settings.SCANFORPAY_BASE_URL = "http://127.0.0.1:1"
    page = open_desk({"width": 390, "scheme": "light", "locale": "en"}, ADDRESS)
    page.get_by_role("button", name="Ask the platforms too").click()
    page.wait_for_selector("text=The public address and the platforms were asked.")
    examine(page)
    picture(page, "health-asked")
