"""The whole house, and browsers in it."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from scanforpay_django.models import Store, WalletAccount
from scanforpay_django.sandbox.merchants import issue_alipay_global_credentials
from tests.browser.apps import APPS, user_agent
from tests.chromium import browser
from tests.house import house, merchant, phones, shop
from tests.merchant import Merchant

__all__ = ["browser", "house", "merchant", "open_page", "phones", "shop"]

SIZES = {
    "phone": {"width": 390, "height": 844},
    "small": {"width": 320, "height": 568},
    "desktop": {"width": 1280, "height": 860},
}
PICTURES = Path(__file__).resolve().parents[2] / "screenshots"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Visitor:
    """A browser that opens addresses as an app would, and keeps a list of what went wrong."""

    browser: Browser
    problems: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)

    def __call__(
        self,
        url: str,
        app: str = "desktop",
        *,
        locale: str = "zh-CN",
        size: str = "",
        dark: bool = False,
        before: Callable[[Page], object] | None = None,
        **options: Any,
    ) -> Page:
        context = self.browser.new_context(
            user_agent=user_agent(app, locale),
            locale=locale,
            viewport=SIZES[size or APPS[app].size],
            color_scheme="dark" if dark else "light",
            **options,
        )
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.on("console", self._hear)
        page.on("request", partial(self._watch, "/".join(url.split("/")[:3])))
        if before:
            before(page)
        page.goto(url)
        return page

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.problems.append(f"console: {said.text} {said.location.get('url', '')}")

    def _watch(self, home: str, request: Any) -> None:
        if not request.url.startswith((home, "data:", "https://shop.example")):
            self.problems.append(f"a request to {request.url}")

    def forgive(self, *words: str) -> None:
        """What a test provokes itself is no problem, whenever the browser tells of it."""
        self.forgiven.extend(words)

    def complaints(self) -> list[str]:
        """What went wrong."""
        return [one for one in self.problems if not any(word in one for word in self.forgiven)]

    def leave(self) -> None:
        """Close everything."""
        for context in self.contexts:
            context.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Visitor]:
    """Opens pages; fails on a script error, a CSP violation, any console error or a foreign request."""
    visitor = Visitor(browser)
    yield visitor
    visitor.leave()
    assert visitor.complaints() == []


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Keeps a screenshot where SCREENSHOTS=1 asks for it, to be looked at."""

    def take(page: Page, name: str) -> None:
        if os.environ.get("SCREENSHOTS"):
            PICTURES.mkdir(exist_ok=True)
            without_demo_bar(page)
            page.screenshot(path=PICTURES / f"{name}.png")

    return take


def without_demo_bar(page: Page) -> None:
    """The demo's own parts are looked at by the sandbox's tests."""
    page.evaluate("document.getElementById('sandbox-bar')?.remove(); document.body.style.paddingBottom = ''")


def accessible(page: Page, within: str = "html") -> None:
    """axe-core finds nothing below the selector: WCAG 2.2 AA and its best practices."""
    without_demo_bar(page)
    found = (
        Axe()
        .run(page, context=within, options={"runOnly": WCAG, "resultTypes": ["violations", "incomplete"]})
        .response
    )
    # What axe cannot decide of a contrast is a hole in the proof.
    undecided = [one for one in found["incomplete"] if one["id"] == "color-contrast"]
    assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in found["violations"] + undecided] == []


def fits(page: Page, within: str = "main") -> None:
    """Nothing below the selector is cut off or has to be scrolled sideways to."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    cut = page.evaluate(
        "const isClipped = one => one && (getComputedStyle(one).clipPath === 'inset(50%)' || "
        "isClipped(one.parentElement));"
        f"[...document.querySelectorAll('{within} *')].filter(one => one.offsetParent && one.offsetWidth > 1 && "
        "!isClipped(one) && "
        "(one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1))"
        ".map(one => one.outerHTML.slice(0, 80))"
    )
    assert cut == []


def quiet_sandbox(settings: Any) -> None:
    """No bridge and no demo bar from the sandbox: the test brings its own app."""
    settings.SCANFORPAY_SANDBOX_ALLOWED = False


@pytest.fixture
def hong_kong(merchant: Merchant) -> WalletAccount:
    """An AlipayHK account of the store."""
    account = WalletAccount(
        store=merchant.store, wallet="AlipayHK", environment="local_sandbox", currencies="HKD"
    )
    account.config, secrets = issue_alipay_global_credentials()
    account.set_secrets(secrets)
    account.save()
    return account


@pytest.fixture
def colored(merchant: Merchant) -> None:
    """A shop with a colour of its own."""
    Store.objects.update(color="#8a1538")
