"""A bill's address lives by the sandbox's clock, and for what it was made."""

from datetime import timedelta

import pytest

from scanforpay_django.sandbox import bill_tokens, moved_clock
from scanforpay_django.sandbox.bill_tokens import BadToken

pytestmark = pytest.mark.django_db


def test_it_ends_when_the_clock_is_put_forward() -> None:
    token = bill_tokens.issue("one", {"day": "2026-11-01"}, 30)
    moved_clock.forward(timedelta(seconds=20))
    assert bill_tokens.read("one", token) == {"day": "2026-11-01"}
    moved_clock.forward(timedelta(seconds=20))
    with pytest.raises(BadToken):
        bill_tokens.read("one", token)


@pytest.mark.parametrize("salt", ["one", "two"])
def test_another_text_or_another_platforms_is_refused(salt: str) -> None:
    token = bill_tokens.issue("one", {}, 30)
    with pytest.raises(BadToken):
        bill_tokens.read(salt, token if salt == "two" else f"{token}x")
