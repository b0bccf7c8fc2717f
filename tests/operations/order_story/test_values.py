"""What lines are marked with is there to be drawn."""

import re
from pathlib import Path

import scanforpay_django
from scanforpay_django.operations.order_story import Tone

PACKAGE = Path(scanforpay_django.__file__).parent
ICONS = PACKAGE / "templates/admin/scanforpay/desk_icons.html"


def test_every_icon_is_drawn_and_every_tone_has_its_colour() -> None:
    drawn = set(re.findall(r'id="sp-(\w+)"', ICONS.read_text(encoding="utf-8")))
    used = {
        name
        for path in (PACKAGE / "operations/order_story").glob("*_lines.py")
        for name in re.findall(r'icon(?:=|", )"(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert len(used) > 5
    assert used <= drawn
    css = (PACKAGE / "static/scanforpay/desk.css").read_text(encoding="utf-8")
    assert [tone for tone in Tone if f".{tone}{{--c:" not in css] == []
