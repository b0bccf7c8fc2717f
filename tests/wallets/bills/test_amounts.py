"""Amounts, fees and moments are exact, or refused."""

from datetime import UTC, datetime

import pytest

from scanforpay_django.wallets.bills.amounts import (
    check_numbers,
    china_day,
    read_any_time,
    read_cents,
    read_china_time,
    read_fee,
    read_minor,
)

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize(
    ("text", "cents"),
    [("12.34", 1234), ("0.00", 0), ("-0.01", -1), ("0", 0), ("0.0", 0), ("45", 4500), ("-5.5", -550)],
)
def test_an_amount_is_read(text: str, cents: int) -> None:
    assert read_cents(text) == cents


@pytest.mark.parametrize(
    "text",
    ["", " ", "1,234.00", "1.234", "１２.00", "+1.00", "1e2", "--1.00", "9" * 40 + ".00", "1.00 ", "0x1.00"],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        read_cents(text)


def test_a_currency_has_its_own_decimals() -> None:
    assert (read_minor("1200", "JPY"), read_minor("-1.250", "KWD")) == (1200, -1250)
    for text, currency in (("1.5", "JPY"), ("1.00", "XXX"), ("1.00", "")):
        with pytest.raises(ValueError):  # noqa: PT011
            read_minor(text, currency)


@pytest.mark.parametrize(
    ("text", "units"),
    [("0.00020", 20), ("7.79", 779000), ("-0.12600", -12600), ("0", 0), ("1.2345600", 123456), ("3", 300000)],
)
def test_a_fee_keeps_five_decimals(text: str, units: int) -> None:
    assert read_fee(text) == units


@pytest.mark.parametrize("text", ["", "0.000001", "1.2.3", "a", "9" * 13, "٣.00000"])
def test_what_is_no_fee_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        read_fee(text)


def test_moments_have_three_forms() -> None:
    wanted = datetime(2026, 1, 1, 15, 59, 0, tzinfo=UTC)
    for text in ("2026-01-01 23:59:00", "2026-01-01 23：59：00"):
        assert read_china_time(text) == wanted
    for text in (
        "2026-01-01 23:59:00",
        "1/1/2026 23:59",
        "2026-01-01T16:59:00+01:00",
        "2026-01-01T15:59:00Z",
    ):
        assert read_any_time(text) == wanted
    assert china_day(datetime(2026, 1, 1, 16, 0, tzinfo=UTC)).day == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-13-01 00:00:00",
        "20260101T000000",
        "2026-W01-1 00:00:00",
        "0001-01-01 00:00:00",
        "13/41/2026 1:00",
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        read_any_time(text)


@pytest.mark.parametrize("number", ["a\tb", "a\0", "a\u2028", "x" * 65])
def test_a_number_that_cannot_be_kept_is_refused(number: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        check_numbers("N1", number)
