"""docs/pages.md tells of what there is."""

import re
from pathlib import Path

from django.template import Context
from django.template.loader import get_template

import scanforpay_django
from tests.browser.gallery import PLACE, SHOTS

DOCS = PLACE.parent / "pages.md"
TEMPLATES = Path(scanforpay_django.__file__).parent / "templates" / "scanforpay"
MAX_PICTURES_BYTES = 1_500_000


def test_every_picture_is_there_shown_and_small() -> None:
    shown = set(re.findall(r"pictures/([a-z0-9-]+)\.webp", DOCS.read_text(encoding="utf-8")))
    there = {file.stem for file in PLACE.glob("*.webp")}
    assert shown == there == set(SHOTS)
    assert sum(file.stat().st_size for file in PLACE.iterdir()) < MAX_PICTURES_BYTES


def test_every_template_and_block_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+\.(?:html|css|js))`", text))
    assert named == {file.name for file in TEMPLATES.iterdir()} - {"api_page.html"}
    base = (TEMPLATES / "base.html").read_text(encoding="utf-8")
    table = text.split("| block of `base.html` | |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(
        re.findall(r"{% block (\w+) %}", base)
    )


def test_a_merchants_own_block_is_on_every_page(settings, tmp_path) -> None:
    """The example of the docs: a template of the same name that goes on from ours."""
    example = re.search(r"```html\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)[1]
    (tmp_path / "scanforpay").mkdir()
    (tmp_path / "scanforpay" / "base.html").write_text(example)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    for name in ("bridge", "qr", "wrong_app", "tap", "result", "problem", "return", "receipt", "unknown"):
        html = get_template(f"scanforpay/{name}.html").template.render(
            Context({"language": "en", "nonce": "n"})
        )
        assert html.count("Tea Street 1") == 1
        assert html.count("<!doctype html>") == 1
