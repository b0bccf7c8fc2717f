"""Page x state x language, and how people look at them: dark, small, large letters, from right to left."""

import os

import pytest

from tests.browser.apps import LOCALES
from tests.browser.conftest import Visitor, accessible, fits
from tests.browser.pairwise import pairwise
from tests.browser.scenes import SCENES, shows
from tests.browser.stage import Stage
from tests.merchant import Merchant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: EVERY_LOOK=true: each scene in each language; else languages take turns, two or three for a scene
EVERY_LOOK = os.environ.get("EVERY_LOOK") == "true"
PAIRS = pairwise(
    {
        "scene": list(SCENES),
        **({"locale": list(LOCALES)} if EVERY_LOOK else {}),
        "wallet": ["Wechat", "Alipay"],
        "size": ["phone", "small", "desktop"],
        "dark": [False, True],
        "zoom": ["100%", "200%"],
        "direction": ["ltr", "rtl"],
        "color": ["", "#8a1538", "#ffd54a"],
    }
)
ROWS = [{"locale": list(LOCALES)[(turn + turn // 3) % len(LOCALES)], **row} for turn, row in enumerate(PAIRS)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join(str(value) for value in row.values()))
def test_every_state_reads_well(
    merchant: Merchant, open_page: Visitor, settings, picture, row: dict[str, object]
) -> None:
    type(merchant.store).objects.update(color=row["color"])
    look = {"locale": row["locale"], "size": row["size"], "dark": row["dark"], "reduced_motion": "reduce"}
    stage = Stage(merchant, open_page, settings, look, wallet=str(row["wallet"]))
    scene, view, act = SCENES[str(row["scene"])]
    page = scene(stage)
    shows(page, view, act)
    assert page.locator("html").get_attribute("lang") == LOCALES[str(row["locale"])][0]
    page.evaluate("size => { document.documentElement.style.fontSize = size; }", row["zoom"])
    page.evaluate("direction => { document.documentElement.dir = direction; }", row["direction"])
    picture(
        page,
        "state-" + "-".join(str(value) for value in row.values() if value not in ("100%", "ltr", False, "")),
    )
    fits(page)
    accessible(page)
