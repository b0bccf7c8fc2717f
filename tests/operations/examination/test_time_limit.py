"""What hangs is left, and not begun again while it hangs."""

import threading

import pytest

from scanforpay_django.operations.examination.time_limit import Asking


@pytest.mark.sqlite
def test_what_hangs_is_asked_once_and_again_after_its_end() -> None:
    asking, ending, begun = Asking(), threading.Event(), []

    def hang() -> None:
        begun.append(1)
        ending.wait(30)

    for _ in range(3):
        assert isinstance(asking.begin("mail", 0.02, hang).find_failure(), TimeoutError)
    assert len(begun) == 1
    ending.set()
    assert asking.begin("mail", 5, hang).find_failure() is None
    assert asking.begin("mail", 5, hang).find_failure() is None
    assert len(begun) == 2


@pytest.mark.sqlite
def test_an_error_is_handed_back() -> None:
    def refuse() -> None:
        raise ConnectionRefusedError

    asking = Asking()
    assert isinstance(asking.begin("mail", 5, refuse).find_failure(), ConnectionRefusedError)
    assert asking.begin("redis", 5, lambda: None).find_failure() is None
