"""The whole house, and browsers in it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import browser
from tests.house import house, merchant, phones, shop
from tests.phone import USER_AGENTS

__all__ = ["browser", "house", "merchant", "open_page", "phones", "shop"]

SIZES = {
    "phone": {"width": 390, "height": 844},
    "small": {"width": 320, "height": 568},
    "desktop": {"width": 1280, "height": 860},
}
PICTURES = Path(__file__).resolve().parents[2] / "screenshots"


@pytest.fixture
def open_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Opens an address as an app would; fails on a script error, a CSP violation or a foreign request."""
    problems: list[str] = []
    contexts = []

    def open_(
        url: str, app: str = "desktop", *, locale: str = "zh-CN", size: str = "", dark: bool = False
    ) -> Page:
        size = size or ("desktop" if app == "desktop" else "phone")
        agent = USER_AGENTS[app].replace("zh_CN", locale.replace("-", "_")).replace("zh-Hans", locale)
        scheme = "dark" if dark else "light"
        context = browser.new_context(
            user_agent=agent, locale=locale, viewport=SIZES[size], color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        home = "/".join(url.split("/")[:3])
        page.on("pageerror", lambda error: problems.append(f"script: {error}"))
        page.on("console", lambda said: "Content Security" in said.text and problems.append(said.text))
        page.on("request", lambda sent: _watch(sent.url, home, problems))
        page.goto(url)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert problems == []


def _watch(url: str, home: str, problems: list[str]) -> None:
    if not url.startswith((home, "data:", "https://shop.example")):
        problems.append(f"a request to {url}")


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Keeps a screenshot where SCREENSHOTS=1 asks for it, to be looked at."""

    def take(page: Page, name: str) -> None:
        if os.environ.get("SCREENSHOTS"):
            PICTURES.mkdir(exist_ok=True)
            page.screenshot(path=PICTURES / f"{name}.png", full_page=True)

    return take
