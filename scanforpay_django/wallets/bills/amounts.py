"""Amounts, fees and numbers as bills write them: exact, or ValueError. Called for each column of each line."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

from scanforpay_django import money
from scanforpay_django.wallets.bills.values import FEE_PLACES, MAX_NUMBER

# Platforms in China write their own time, without a zone. Source: pay.weixin.qq.com, global FAQ "Reconciliation";
# docs.antom.com, "Reconciliation".
CHINA = timezone(timedelta(hours=8))
_OFFSET = timedelta(hours=8)

_DECIMAL = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,8})?")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_is_iso = _ISO.fullmatch
# Samples of 2014 have full-width colons.
_WIDE_COLONS = str.maketrans({"：": ":"})
_MONTH_FIRST = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}) ([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_WITH_OFFSET = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})")


def is_decimal(text: str) -> bool:
    """Whether it has the form of an amount, maybe negative."""
    return _DECIMAL.fullmatch(text) is not None


def is_moment(text: str) -> bool:
    """Whether it has the form of a moment in China."""
    return _ISO.fullmatch(text.translate(_WIDE_COLONS)) is not None


def read_cents(text: str) -> int:
    """ "12.34" -> 1234, maybe negative; for currencies with two decimals. Raises ValueError."""
    if text == "0.00":
        return 0
    if text[-3:-2] == "." and len(text) < 18:
        digits = text[:-3] + text[-2:]
        if digits.isdecimal() and digits.isascii():
            return int(digits)
    return read_minor(text, "CNY")


def read_minor(text: str, currency: str) -> int:
    """Minor units, maybe negative. Raises ValueError, also for a currency that is not known."""
    if text.startswith("-"):
        return -money.to_minor(text[1:], currency)
    return money.to_minor(text, currency)


def read_fee(text: str) -> int:
    """ "0.12600" -> 12600: hundred-thousandths of the major unit, maybe negative. Raises ValueError."""
    if text[-6:-5] == "." and len(text) < 18:
        digits = text[:-6] + text[-5:]
        if digits.isdecimal() and digits.isascii():
            return int(digits)
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"not a fee: {text[:40]!r}")
    whole, _, part = text.lstrip("-").partition(".")
    if len(part) > FEE_PLACES and part[FEE_PLACES:].strip("0"):
        raise ValueError(f"more than five decimals: {text!r}")
    if len(whole) > 12:
        raise ValueError(f"out of range: {text!r}")
    units = int(whole + part[:FEE_PLACES].ljust(FEE_PLACES, "0"))
    return -units if text.startswith("-") else units


def read_china_time(text: str) -> datetime:
    """ "2026-11-01 10:00:00" on China's clock, in UTC. Raises ValueError."""
    if not _is_iso(text):
        text = text.translate(_WIDE_COLONS)
        if not _is_iso(text):
            raise ValueError(f"not a moment: {text[:40]!r}")
    if not "1970" <= text < "9999":
        _check_year(text)
    return datetime.fromisoformat(text + "+00:00") - _OFFSET


def read_any_time(text: str) -> datetime:
    """The three forms of settlement files: China's clock, month first on China's clock, ISO 8601 with an offset."""
    if _WITH_OFFSET.fullmatch(text):
        _check_year(text)
        return datetime.fromisoformat(text).astimezone(UTC)
    found = _MONTH_FIRST.fullmatch(text)
    if found is None:
        return read_china_time(text)
    _check_year(found[3])
    month, day, year, hour, minute, second = (int(value or 0) for value in found.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=CHINA).astimezone(UTC)


def _check_year(text: str) -> None:
    # Moments at the calendar's edges cannot be written in another zone.
    if not "1970" <= text[:4] < "9999":
        raise ValueError(f"not a year: {text[:4]!r}")


def china_day(moment: datetime) -> date:
    """The day on China's calendar."""
    return (moment + _OFFSET).date()


def check_numbers(*numbers: str) -> None:
    """Raises ValueError for a number that none of our databases would give back as it came, or that is too long."""
    if not "".join(numbers).isprintable():
        raise ValueError("a number has characters that cannot be printed")
    if max(map(len, numbers)) > MAX_NUMBER:
        raise ValueError(f"a number has more than {MAX_NUMBER} characters")
