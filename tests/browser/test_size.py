"""One answer, no more than TCP's first flight: 14 KB compressed, head included."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Request

import scanforpay_django
from tests.browser.apps import LOCALES
from tests.browser.conftest import Visitor
from tests.browser.scenes import SCENES
from tests.browser.stage import Stage
from tests.merchant import Merchant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Ten segments of 1460 bytes are 14.6 KB.
FIRST_FLIGHT_BYTES = 14 * 1024
# Words at their longest: what a merchant may send, and a return address, so that the page has every part.
LONGEST = {
    "orderTitle": "一份很长很长的标题，" * 10,
    "partnerOrderNo": "p" * 32,
    "orderAmount": 9_999_999_999,
}
TEMPLATES = Path(scanforpay_django.__file__).parent / "templates" / "scanforpay"


class Traffic:
    """What a page loads, and how large its last document was."""

    def __init__(self) -> None:
        self.documents: list[Request] = []
        self.others: list[str] = []

    def watch(self, page: Page) -> None:
        """Listen."""
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if request.url.startswith("data:") or "/status" in request.url:
            return
        (self.documents.append if request.is_navigation_request() else self.others.append)(request)  # type: ignore[arg-type]

    def bytes_on_the_wire(self) -> int:
        """Head and compressed body of the page that is shown now."""
        answer = next(r for r in reversed(self.documents) if "/jspay/" in r.url).response()
        head = sum(len(f"{name}: {value}\r\n") for name, value in answer.all_headers().items())
        return head + len(gzip.compress(answer.body(), 6))


def listened(stage: Stage, traffic: Traffic) -> Stage:
    """Every page of this stage is watched from its first request on."""
    opened: Any = stage.open

    def open_(url: str, app: str = "wechat", *, before: Any = None, **options: Any) -> Page:
        def prepare(page: Page) -> None:
            traffic.watch(page)
            if before:
                before(page)

        return opened(url, app, before=prepare, **options)

    stage.open = open_  # type: ignore[method-assign]
    return stage


@pytest.mark.parametrize("scene", SCENES)
def test_a_page_is_one_small_answer(merchant: Merchant, open_page: Visitor, settings, scene: str) -> None:
    locale = list(LOCALES)[list(SCENES).index(scene) % len(LOCALES)]
    stage = Stage(merchant, open_page, settings, {"locale": locale}, LONGEST)
    traffic = Traffic()
    SCENES[scene][0](listened(stage, traffic))
    assert traffic.others == []
    assert 1_000 < traffic.bytes_on_the_wire() <= FIRST_FLIGHT_BYTES


def test_the_parts_of_a_page_are_all_in_it() -> None:
    """No page pulls in anything: no address of a script, a style, a font or a picture but the shop's own logo."""
    for template in TEMPLATES.glob("*.html"):
        if template.name == "api_page.html":
            continue
        text = template.read_text(encoding="utf-8")
        assert "http://" not in text
        assert "https://" not in text
        assert "<script src" not in text
        assert 'rel="stylesheet"' not in text
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    assert "url(" not in style
    assert "@import" not in style
