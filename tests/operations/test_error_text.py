"""What errors say to staff."""

from django.utils.translation import override

from scanforpay_django.exceptions import AccountMissing, PlatformUnreachable
from scanforpay_django.operations.error_text import describe_error, describe_to_staff, join_sentences


def test_an_error_is_described_in_the_active_language() -> None:
    with override("en"):
        english = describe_error(PlatformUnreachable())
    with override("ja"):
        assert describe_error(PlatformUnreachable()) not in ("", english)


def test_staff_read_what_the_platform_said_beside_the_text() -> None:
    with override("en"):
        assert describe_to_staff(PlatformUnreachable("no route")).endswith("(no route)")
        assert describe_to_staff(ValueError("odd")) == "odd"


def test_no_blank_follows_a_chinese_full_stop() -> None:
    assert join_sentences("已关闭。", "请重试。") == "已关闭。请重试。"
    assert join_sentences("Closed.", "Try again.") == "Closed. Try again."


def test_an_order_of_any_wallet_is_said_with_all_of_them() -> None:
    with override("en"):
        text = describe_error(AccountMissing(wallet="Any"))
    assert "Any" not in text
    assert "WeChat Pay, Alipay or AlipayHK" in text
