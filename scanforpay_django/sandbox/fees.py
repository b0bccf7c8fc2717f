"""What the platforms take of a payment, and give back of it with a refund: 0.6 %, half up to the minor unit.

Files that were published round to two and to five decimals, at other times: one of the two has to be taken here.
"""

from scanforpay_django.money import to_major

RATE = "0.60%"


def find_fee(amount: int) -> int:
    """Of an amount, both in minor units."""
    return (amount * 6 + 500) // 1000


def five_decimals(fee: int) -> str:
    """13 -> "0.13000", maybe negative: for currencies with two decimals."""
    return f"{'-' if fee < 0 else ''}{to_major(abs(fee), 'CNY')}000"


def two_decimals(fee: int) -> str:
    """13 -> "0.13", maybe negative."""
    return f"{'-' if fee < 0 else ''}{to_major(abs(fee), 'CNY')}"
