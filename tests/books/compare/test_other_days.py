"""The same in two bills."""

from datetime import date, timedelta

import pytest

from scanforpay_django.models import WalletAccount
from tests.books.platform_copy import (
    Bill,
    bring,
    bring_empty,
    china,
    differences,
    foreign_line,
    line_of,
    line_of_refund,
    payment_of,
    refund_of,
)

pytestmark = pytest.mark.django_db(transaction=True)
DAY, AFTER, LATER = date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 27)


@pytest.mark.parametrize("other", [AFTER, LATER])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_payment_and_a_refund_in_two_bills_whichever_comes_first(
    account: WalletAccount, other: date, is_first: bool
) -> None:
    bring_empty(
        account, *(date(2026, 11, day) for day in range(21, 30) if date(2026, 11, day) not in (DAY, other))
    )
    payment = payment_of(account, "2026-11-24 10:00")
    refund = refund_of(payment, 700, "2026-11-24 11:00")
    later = other - DAY
    bills = [
        Bill(DAY).add(line_of(payment), line_of_refund(refund)),
        Bill(other).add(
            line_of(payment, at=payment.paid_at + later), line_of_refund(refund, at=refund.sent_at + later)
        ),
    ]
    for bill in bills if is_first else reversed(bills):
        day = bring(account, bill)
    assert day.is_waiting_for_neighbours is False
    if not is_first and other is LATER:
        # The next round compares what waits.
        bring(account, bills[1])
    assert differences() == [f"{other:%d} duplicate_line day: {DAY} / {other}"] * 2


def test_a_refund_that_is_listed_when_it_is_finished_is_none(account: WalletAccount) -> None:
    """As Alipay does."""
    bring_empty(account, *(DAY + timedelta(days=days) for days in (-2, -1, 2, 4)))
    payment = payment_of(account, "2026-11-24 10:00")
    refund = refund_of(payment, 700, "2026-11-24 11:00", finished_at=china("2026-11-27 09:00"))
    bring(account, Bill(DAY).add(line_of(payment)))
    bring(account, Bill(AFTER).add(foreign_line("2026-11-25 10:00")))
    bring(account, Bill(LATER).add(line_of_refund(refund, at=china("2026-11-27 09:00"))))
    assert differences() == []
