"""A bill as a whole."""

from datetime import date

import pytest

from scanforpay_django.models import Difference, WalletAccount
from tests.books.platform_copy import Bill, bring, bring_empty, differences, line_of, payment_of, unpaid_of

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2026, 11, 27)


def test_in_a_bill_that_is_not_whole_what_is_there_is_compared(account: WalletAccount) -> None:
    payment = unpaid_of(account, "closed")
    bill = Bill(DAY).add(line_of(payment))
    day = bring(account, bill, b"\r\n".join(bill.trade().split(b"\r\n")[:-3]) + b"\r\n")
    assert day.state == "broken"
    assert [row.split()[1] for row in differences()] == ["bill_broken", "paid_there_closed_here"]


def test_a_bill_of_no_lines_misses_every_payment(account: WalletAccount) -> None:
    bring_empty(account, date(2026, 11, 26), date(2026, 11, 28))
    payment_of(account, "2026-11-27 10:00")
    bring(account, Bill(DAY))
    assert differences() == ["27 missing_there state: paid / -"]


def test_comparing_again_changes_no_row(account: WalletAccount) -> None:
    bill = Bill(DAY).add(
        line_of(unpaid_of(account, "closed")), line_of(payment_of(account, "2026-11-27 10:00"))
    )
    bring(account, bill)
    before = list(Difference.objects.values())
    bring(account, bill)
    assert list(Difference.objects.values()) == before
