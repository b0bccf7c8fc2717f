"""Minor units and platform amounts, by ISO 4217 exponent. Integers and Decimals, nothing else."""

import re
from decimal import ROUND_HALF_UP, Decimal

# ISO 4217: how many digits follow the point. A currency that is not listed is not accepted.
EXPONENTS = {
    "AUD": 2, "CAD": 2, "CHF": 2, "CNY": 2, "EUR": 2, "GBP": 2, "HKD": 2, "IDR": 2, "JPY": 0, "KRW": 0,
    "KWD": 3, "MOP": 2, "MYR": 2, "NZD": 2, "PHP": 2, "SGD": 2, "THB": 2, "TWD": 2, "USD": 2, "VND": 0,
}  # fmt: skip

# More than any platform moves at once, and small enough for every database's integers.
MAX_AMOUNT = 10**15

SYMBOLS = {
    "CNY": "¥",
    "JPY": "¥",
    "HKD": "HK$",
    "USD": "US$",
    "EUR": "€",
    "GBP": "£",
    "TWD": "NT$",
    "MOP": "MOP$",
}

# (language, currency) -> before and after the digits
LOCAL = {
    ("en", "CNY"): ("CN¥", ""),
    ("zh-hans", "JPY"): ("JP¥", ""),
    ("zh-hant", "JPY"): ("JP¥", ""),
    ("ja", "CNY"): ("", "元"),
}

_MAJOR = re.compile(r"[0-9]{1,15}(\.[0-9]{1,6})?")


def exponent(currency: str) -> int:
    """How many decimal places ``currency`` has. Raises ValueError for an unknown one."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise ValueError(f"unknown currency {currency!r}") from None


def to_major(amount: int, currency: str) -> str:
    """2100, "CNY" -> "21.00": the amount as the platforms that speak in yuan write it."""
    places = exponent(currency)
    if amount < 0:
        raise ValueError("amounts are not negative")
    if places == 0:
        return str(amount)
    whole, part = divmod(amount, 10**places)
    return f"{whole}.{part:0{places}d}"


def to_minor(text: str, currency: str) -> int:
    """The text "21.00", "CNY" -> 2100. Raises ValueError for anything but a plain amount the currency can hold."""
    places = exponent(currency)
    if not isinstance(text, str) or not _MAJOR.fullmatch(text):
        raise ValueError(f"not an amount: {text!r}")
    scaled = Decimal(text).scaleb(places)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{text} has more decimals than {currency}")
    if scaled > MAX_AMOUNT:
        raise ValueError(f"{text} is out of range")
    return int(scaled)


def parts(amount: int, currency: str, language: str = "") -> tuple[str, str, str]:
    """2100, "CNY" -> ("¥", "21.00", ""): what stands before the digits, the digits, what stands after them.

    ¥ is two currencies: where the reader's own is the other one, the form of their language tells them apart.
    """
    whole, _, part = to_major(amount, currency).partition(".")
    digits = f"{int(whole):,}" + (f".{part}" if part else "")
    before, after = LOCAL.get((language, currency), (SYMBOLS.get(currency, f"{currency} "), ""))
    return before, digits, after


def with_code(amount: int, currency: str) -> str:
    """2100, "CNY" -> "CNY 21.00"; 2100, "JPY" -> "JPY 2,100": for staff, who see all currencies. A minus sign below
    zero; minor units of a currency that is not known here.
    """
    try:
        digits = parts(abs(amount), currency)[1]
    except ValueError:
        digits = str(abs(amount))
    return f"{currency} {'−' if amount < 0 else ''}{digits}"


def display(amount: int, currency: str, language: str = "") -> str:
    """2100, "CNY" -> "¥21.00"; 2100, "JPY" -> "¥2,100": for people."""
    return "".join(parts(amount, currency, language))


def round_to_minor(text: str, currency: str) -> int:
    """A platform's fee with more decimals than the currency has: half up, to whole minor units."""
    if not _MAJOR.fullmatch(text):
        raise ValueError(f"not an amount: {text!r}")
    return int(Decimal(text).scaleb(exponent(currency)).quantize(Decimal(1), ROUND_HALF_UP))
