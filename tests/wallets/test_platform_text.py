"""Words of customers are made fit for platforms."""

import pytest

from scanforpay_django.wallets.platform_text import fit

pytestmark = pytest.mark.sqlite


def test_words_are_made_fit_for_platforms() -> None:
    assert fit("茶 🍵 a=b&c/d\n", max_bytes=256, forbidden="/=&", fallback="n") == "茶 a＝b＆c／d"
    assert fit("👨‍👩‍👧🍵", max_bytes=127, fallback="order 1") == "order 1"
    long = fit("茶" * 100, max_bytes=127, fallback="n")
    assert (long, len(long.encode())) == ("茶" * 42, 126)


@pytest.mark.parametrize(
    "blank",
    [
        "\u00a0",
        "\u3000",
        "\t",
        "\r\n",
        "\u2028",
        "\u2003",
        "\u202f",
        "\u200b",
        "\u1680",
        "\x1f",
        "\x85",
        "\u3164",
    ],
)
def test_every_kind_of_blank_stays_a_blank(blank: str) -> None:
    assert fit(f"Nokia{blank}7 4GB", max_bytes=127, fallback="n") == "Nokia 7 4GB"
    assert fit(blank, max_bytes=127, fallback="n") == "n"


@pytest.mark.parametrize(
    ("title", "expected"),
    [("1/2 price", "1／2 price"), ("A&B", "A＆B"), ("e=mc", "e＝mc"), ("&currency=HKD", "＆currency＝HKD")],
)
def test_what_a_platform_forbids_stays_legible(title: str, expected: str) -> None:
    assert fit(title, max_bytes=256, forbidden="/=&", fallback="n") == expected


def test_a_cut_falls_between_characters_of_full_width() -> None:
    assert fit("////", max_bytes=7, forbidden="/", fallback="n") == "／／"
