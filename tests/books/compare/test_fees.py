"""Fees that are not as agreed, and coupons of the merchant's own."""

from datetime import date
from decimal import Decimal

import pytest

from scanforpay_django.models import Difference, WalletAccount
from tests.books.platform_copy import RATE, Bill, bring, differences, line_of, payment_of

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2026, 11, 27)


def test_all_lines_of_an_account_and_day_are_one_difference(account: WalletAccount) -> None:
    account.fee_rate = RATE
    account.save()
    payments = [payment_of(account, f"2026-11-27 10:0{n}", amount=10_000) for n in range(4)]
    dear = [line_of(payment, fee=Decimal("0.62")) for payment in payments[:3]]
    bring(account, Bill(DAY).add(*dear, line_of(payments[3], fee=Decimal("0.61"))))
    assert differences() == ["27 fee_rate fee: 0.60 % agreed / 0.62 % taken"]
    found = Difference.objects.get()
    assert (found.amount, found.details["lines"]) == (6, 3)


def test_a_minor_unit_more_or_less_agrees(account: WalletAccount) -> None:
    account.fee_rate = RATE
    account.save()
    fees = ("0.12000", "0.13000", "0.13600", "0.12600")
    payments = [payment_of(account, f"2026-11-27 10:0{n}") for n in range(4)]
    lines = [line_of(one, fee=Decimal(fee)) for one, fee in zip(payments, fees, strict=True)]
    bring(account, Bill(DAY).add(*lines))
    assert differences() == []


def test_without_an_agreed_rate_no_fee_is_wrong(account: WalletAccount) -> None:
    bring(account, Bill(DAY).add(line_of(payment_of(account, "2026-11-27 10:00"), fee=Decimal(9))))
    assert differences() == []


def test_a_coupon_of_the_merchants_is_a_note(account: WalletAccount) -> None:
    one, two = (payment_of(account, f"2026-11-27 10:0{n}") for n in range(2))
    bring(account, Bill(DAY).add(line_of(one, settled=2000), line_of(two, settled=1900)))
    assert differences() == ["27 discount settled: 42.00 / 39.00"]
    assert Difference.Kind.DISCOUNT in Difference.NOTES


def test_amounts_of_any_size_are_compared(account: WalletAccount) -> None:
    """The fee of one that is larger than the database's integers allow for is not judged."""
    account.fee_rate = RATE
    account.save()
    payment = payment_of(account, "2026-11-27 10:00", amount=10**14)
    day = bring(account, Bill(DAY).add(line_of(payment, fee=Decimal(6 * 10**9))))
    assert (day.state, differences()) == ("compared", [])
