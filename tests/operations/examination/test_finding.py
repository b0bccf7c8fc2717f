"""One line of an examination."""

from scanforpay_django.operations.examination.finding import right, wrong


def test_what_is_wrong_says_how_to_mend_it() -> None:
    assert right("x").is_right
    assert (wrong("x", "seen", "mend it").is_right, wrong("x", "seen", "mend it").fix) == (False, "mend it")
