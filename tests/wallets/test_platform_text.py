"""Words of customers are made fit for platforms."""

import pytest

from scanforpay_django.wallets.platform_text import fit

pytestmark = pytest.mark.sqlite


def test_words_are_made_fit_for_platforms() -> None:
    assert fit("茶 🍵 a=b&c/d\n", max_bytes=256, forbidden="/=&", fallback="n") == "茶 abcd"
    assert fit("👨‍👩‍👧🍵", max_bytes=127, fallback="order 1") == "order 1"
    long = fit("茶" * 100, max_bytes=127, fallback="n")
    assert (long, len(long.encode())) == ("茶" * 42, 126)
