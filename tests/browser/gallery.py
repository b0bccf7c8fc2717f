"""The pictures in docs/pages.md, made anew: ``pytest tests/browser/gallery.py``."""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page

from scanforpay_django.models import Logo, Store
from tests.browser import scenes
from tests.browser.conftest import Visitor, without_demo_bar
from tests.browser.pictures import flower
from tests.browser.stage import Stage
from tests.merchant import Merchant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PLACE = Path(__file__).resolve().parents[2] / "docs" / "pictures"
# A picture of a phone is 390 wide and 844 high.
QUALITY = 82


@dataclass(frozen=True)
class Shot:
    """One picture."""

    scene: str
    locale: str = "zh-CN"
    dark: bool = False
    size: str = "phone"
    # whether the shop has a colour and a logo
    dressed: bool = True
    wallet: str = "Wechat"


SHOTS = {
    "cancelled-zh-hans": Shot("cancelled"),
    "cancelled-ja-dark": Shot("cancelled", "ja-JP", dark=True),
    "confirming-en": Shot("confirming", "en-US"),
    "paid-zh-hant": Shot("just_paid", "zh-HK"),
    "paid-en-dark": Shot("paid", "en-US", dark=True),
    "slow-en": Shot("slow", "en-US"),
    "no-bridge-zh-hans": Shot("no_bridge", dressed=False),
    "tap-ja": Shot("tap", "ja-JP", wallet="Alipay"),
    "choose-zh-hans": Shot("choose"),
    "choose-en-dark": Shot("choose", "en-US", dark=True),
    "album-en": Shot("album", "en-US", dressed=False),
    "wrong-app-zh-hans": Shot("wrong_app", dressed=False, wallet="Alipay"),
    "miniprogram-zh-hant": Shot("miniprogram", "zh-HK", dressed=False),
    "till-en": Shot("till", "en-US"),
    "expired-zh-hans": Shot("overdue"),
    "closed-ja": Shot("closed", "ja-JP"),
    "refunded-en": Shot("refunded", "en-US"),
    "no-account-zh-hant": Shot("no_account", "zh-HK"),
    "platform-en": Shot("platform", "en-US", dressed=False),
    "offline-ja-dark": Shot("offline", "ja-JP", dark=True, dressed=False),
    "unknown-zh-hans": Shot("unknown"),
    "small-en": Shot("cancelled", "en-US", size="small"),
    "desktop-en": Shot("qr", "en-US", size="desktop"),
    "desktop-zh-hans-dark": Shot("qr", dark=True, size="desktop"),
    "either-en": Shot("either", "en-US", size="desktop"),
    "used-up-zh-hant": Shot("used_up", "zh-HK", size="desktop"),
}


@pytest.fixture
def keep() -> Callable[[Page, str], None]:
    """Takes the picture as WebP."""

    def keep_(page: Page, name: str) -> None:
        without_demo_bar(page)
        # The machine's own system font is no telephone's; this one is near to them.
        page.evaluate("document.body.style.fontFamily = 'Liberation Sans, Noto Sans CJK SC, sans-serif'")
        time.sleep(0.6)
        asked = {"format": "webp", "quality": QUALITY}
        taken = page.context.new_cdp_session(page).send("Page.captureScreenshot", asked)
        PLACE.mkdir(exist_ok=True)
        (PLACE / f"{name}.webp").write_bytes(base64.b64decode(taken["data"]))

    return keep_


@pytest.mark.parametrize("name", SHOTS)
def test_take(merchant: Merchant, open_page: Visitor, settings, keep, name: str) -> None:
    shot = SHOTS[name]
    if shot.dressed:
        Store.objects.update(color="#8a1538", logo=Logo.objects.keep(flower(88)))
    look = {"locale": shot.locale, "dark": shot.dark, "size": shot.size}
    stage = Stage(merchant, open_page, settings, look, {"partnerOrderNo": "20261124-0001"}, shot.wallet)
    keep(scenes.SCENES[shot.scene][0](stage), name)
