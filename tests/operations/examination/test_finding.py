"""Each line has a title for people, in their language."""

from django.utils.translation import override

from scanforpay_django.operations.examination.finding import TITLES, right, wrong


def test_a_title_is_in_the_language_that_is_active() -> None:
    assert right("database").title == "Database"
    with override("zh-hans"):
        assert right("database").title == "数据库"
        assert wrong("settings W002", "x", "y").title == "设置 W002"


def test_a_system_check_is_english_in_every_language() -> None:
    assert wrong("settings W002", "x", "y").is_check
    assert not any(right(name).is_check for name in TITLES)
