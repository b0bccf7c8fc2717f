"""A verified message may hold what cannot be right. Such a value reaches no row: it is refused, kept raw and flagged.

A date of the year 1 can be stored by PostgreSQL and not be read again; a transaction number "None" would block the next
message that has none.
"""

import re
from datetime import UTC, datetime, timedelta

from scanforpay_django import clock
from scanforpay_django.exceptions import PlatformValueInvalid
from scanforpay_django.money import MAX_AMOUNT
from scanforpay_django.wallets.base import PaymentResult, RefundResult, RefundState, TradeState

#: no platform is older
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
#: by how much a platform's clock may be ahead of ours
CLOCK_TOLERANCE = timedelta(days=1)
# Visible ASCII: what every platform's numbers are made of.
_NUMBER = re.compile(r"[!-~]{1,64}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_NO_NUMBERS = frozenset({"none", "null", "undefined", "nan"})


# States of a refund that is made, or is going to be.
_IT_GOES = (RefundState.SUCCEEDED, RefundState.PROCESSING, RefundState.PAYER_UNREACHABLE)


def check_payment_result(result: PaymentResult) -> None:
    """Raises PlatformValueInvalid for a paid trade with a value that no trade can have; an amount may be missing."""
    if result.state is not TradeState.PAID:
        return
    _check_number("transaction number", result.trade_no)
    _check_amount("amount", result.amount, smallest=1)
    _check_amount("refunded amount", result.returned_amount, smallest=0)
    _check_moment("time of payment", result.paid_at)
    if result.currency is not None and not _CURRENCY.fullmatch(result.currency):
        raise PlatformValueInvalid(f"the currency is {result.currency[:10]!r}")


def check_refund_result(result: RefundResult) -> None:
    """The same for a refund: a platform may tell no number of its own."""
    if result.state not in _IT_GOES:
        return
    if result.refund_id:
        _check_number("refund number", result.refund_id)
    _check_amount("refunded amount", result.amount, smallest=1)
    _check_amount("sum of refunds", result.trade_refunded, smallest=0)
    _check_moment("time of the refund", result.refunded_at)


def check_refund_number(result: RefundResult) -> None:
    """Our number of a refund, or the console's: it becomes a row's. Raises PlatformValueInvalid."""
    _check_number("number of the refund", result.out_refund_no)


def _check_number(name: str, value: str) -> None:
    if not _NUMBER.fullmatch(value) or value.lower() in _NO_NUMBERS:
        raise PlatformValueInvalid(f"the {name} is {value[:64]!r}")


def _check_amount(name: str, value: int | None, *, smallest: int) -> None:
    if value is not None and not smallest <= value <= MAX_AMOUNT:
        raise PlatformValueInvalid(f"the {name} is {value}")


def _check_moment(name: str, value: datetime | None) -> None:
    if value is not None and not EARLIEST <= value <= clock.now() + CLOCK_TOLERANCE:
        raise PlatformValueInvalid(f"the {name} is {value.isoformat()}")
