"""Amounts, moments and names inside sentences."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from scanforpay_django.operations.order_story import words

LATE = datetime(2026, 11, 28, 17, 30, 5, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("language", "soon", "day", "moment"),
    [
        ("en", "29 Nov", "29 Nov 2026", "29 Nov 2026, 01:30:05"),
        ("zh-hans", "11月29日", "2026年11月29日", "2026年11月29日 01:30:05"),
        ("zh-hant", "11月29日", "2026年11月29日", "2026年11月29日 01:30:05"),
        ("ja", "11月29日", "2026年11月29日", "2026年11月29日 01:30:05"),
    ],
)
def test_moments_are_the_stores(language: str, soon: str, day: str, moment: str) -> None:
    with override(language):
        assert words.say_soon(LATE, SHANGHAI) == soon
        assert words.say_day(LATE, SHANGHAI) == day
        assert words.say_moment(LATE, SHANGHAI) == moment


def test_amounts_have_their_code() -> None:
    assert words.say_amount(2100, "CNY") == "CNY 21.00"
    assert words.say_amount(2100, "JPY") == "JPY 2,100"
    assert words.say_amount(2100, "XXX") == "XXX 2100"
    assert words.say_amount(None, "CNY") == ""


def test_wallets_have_their_labels() -> None:
    with override("en"):
        assert words.say_wire_wallet("Alipay") == "Alipay"
        assert words.say_wire_wallet("Any") == ""
        assert words.say_wire_wallet("Gone") == "Gone"
