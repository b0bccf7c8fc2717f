"""What docs/conf.py does to the pages on their way to the site."""

import runpy
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.sqlite
CONF = Path(__file__).parents[2] / "docs" / "conf.py"


@pytest.fixture(scope="module")
def conf() -> dict[str, Any]:
    return runpy.run_path(str(CONF))


def test_links_out_of_the_site_lead_to_the_repository(conf: dict[str, Any]) -> None:
    source = [
        "[a](../CHANGELOG.md) [b](samples/) [c](samples/notify.py) [d](desk.md#set-up) [e](#here) [f](https://a.example)"
    ]
    conf["link_to_repository"](None, "merchant-api", source)
    repository = conf["SOURCE"]
    (text,) = source
    assert text.split()[:2] == [f"[a]({repository}/CHANGELOG.md)", f"[b]({repository}/docs/samples)"]
    assert text.endswith(" [c](samples/notify.py) [d](desk.md#set-up) [e](#here) [f](https://a.example)")


def test_a_link_between_languages_stays_in_the_site(conf: dict[str, Any]) -> None:
    source = ["[a](../desk.md) [b](../../CHANGELOG.md)"]
    conf["link_to_repository"](None, "zh/desk", source)
    assert source == [f"[a](../desk.md) [b]({conf['SOURCE']}/CHANGELOG.md)"]


def test_chinese_is_searched_by_pairs_of_characters(conf: dict[str, Any]) -> None:
    search = conf["EnglishAndChineseSearch"]({})
    assert search.split("退款 refund_order 支付宝 PAY_URL，一") == [
        "退款", "refund_order", "支付", "付宝", "PAY_URL", "一",
    ]  # fmt: skip
    assert search.stem("refunded") == search.stem("refunds")


def test_a_page_names_its_language(conf: dict[str, Any]) -> None:
    contexts = {}
    for page in ("zh/index", "index"):
        contexts[page] = {"language": "en"}
        conf["name_language"](None, page, "page.html", contexts[page], None)
    assert contexts == {"zh/index": {"language": "zh-CN"}, "index": {"language": "en"}}
