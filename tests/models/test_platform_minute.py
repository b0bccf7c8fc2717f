"""The rows of platforms' minutes."""

from datetime import UTC, datetime

from scanforpay_django.models import PlatformMinute


def test_a_row_is_named_by_what_it_counts() -> None:
    minute = datetime(2026, 11, 28, 17, 42, tzinfo=UTC)
    row = PlatformMinute(wallet="wechat", host="api.example", minute=minute)
    assert str(row) == "wechat api.example 2026-11-28 17:42"
