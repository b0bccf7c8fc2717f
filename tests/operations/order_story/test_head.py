"""The sentence above an order: what happened, and what to do next."""

import re
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from scanforpay_django.operations.order_story import describe_head
from tests.merchant import Merchant
from tests.operations.order_story.seed import NOW, Story, read, seed
from tests.operations.order_story.stories import STORIES

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
#: amounts, wallets' codes and names, which every language shows
PARTS = re.compile(r"[A-Z]{3} [\d,.]+\d|\d\d:\d\d:\d\d|(?<=\()(?!staff)[^)]*|chen\.yu")


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_the_sentence_is_exact_in_english_and_complete_in_the_others(
    merchant: Merchant, story: Story
) -> None:
    rows = read(seed(merchant.store, story))
    with override("en"):
        head = describe_head(rows, zone=SHANGHAI, now=NOW)
    assert head.text == story.says
    assert head.needs_person is ("othing to do." not in story.says)
    for language in ("zh-hans", "zh-hant", "ja"):
        with override(language):
            other = describe_head(rows, zone=SHANGHAI, now=NOW)
        assert other.text.endswith("。")
        assert not re.search(r"%\(|[a-z]{4,} [a-z]{2,} [a-z]{2,}", other.text), other.text
        for part in PARTS.findall(head.text):
            assert part in other.text, (language, part, other.text)
        assert other.customer_sees != head.customer_sees


def test_there_are_sixty() -> None:
    assert len({story.name for story in STORIES}) == len(STORIES) >= 60
