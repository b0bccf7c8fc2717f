"""What is here and in no bill."""

from datetime import date

import pytest

from scanforpay_django.models import Difference, Refund, Store, WalletAccount
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
DAY, BEFORE, AFTER = date(2026, 11, 27), date(2026, 11, 26), date(2026, 11, 28)


def test_a_payment_is_missed_when_the_next_days_bill_is_here(account: WalletAccount) -> None:
    payment_of(account, "2026-11-27 10:00")
    bring_empty(account, BEFORE)
    day = bring(account, Bill(DAY).add(foreign_line("2026-11-27 11:00")))
    assert differences() == []
    assert day.is_waiting_for_neighbours
    bring_empty(account, AFTER)
    assert differences() == ["27 missing_there state: paid / -"]


def test_in_a_bill_that_is_not_whole_nothing_is_missing(account: WalletAccount) -> None:
    payment_of(account, "2026-11-27 10:00")
    bring_empty(account, BEFORE, AFTER)
    bill = Bill(DAY).add(foreign_line("2026-11-27 11:00"))
    cut = b"\r\n".join(bill.trade().split(b"\r\n")[:-3]) + b"\r\n"
    day = bring(account, bill, cut)
    assert (day.state, [line.split()[1] for line in differences()]) == ("broken", ["bill_broken"])
    bring(account, bill)
    assert differences() == ["27 missing_there state: paid / -"]


def test_a_refund_is_looked_for_since_the_day_of_its_request(account: WalletAccount) -> None:
    """WeChat Pay has it on the day on which it was accepted."""
    for number in (24, 25, 26, 28, 29):
        bring_empty(account, date(2026, 11, number))
    payment = payment_of(account, "2026-11-27 10:00")
    listed, missed = (
        refund_of(payment, amount, "2026-11-27 12:00", sent_at=china("2026-11-25 12:00"))
        for amount in (100, 200)
    )
    bring(account, Bill(date(2026, 11, 25)).add(line_of_refund(listed, refund_state="PROCESSING")))
    bring(account, Bill(DAY).add(line_of(payment)))
    assert differences() == ["27 refund_missing_there state: succeeded / -"]
    late = line_of_refund(missed, at=china("2026-11-28 12:00"))
    bring(account, Bill(AFTER).add(foreign_line("2026-11-28 12:00"), late))
    bring(account, Bill(DAY).add(line_of(payment)))
    assert differences() == []


def test_a_refund_that_failed_there_is_not_missing_too(account: WalletAccount) -> None:
    """Accepted days before it was finished here, as we believe."""
    for number in range(23, 30):
        if number not in (25, 27):
            bring_empty(account, date(2026, 11, number))
    payment = payment_of(account, "2026-11-25 10:00")
    refund = refund_of(payment, 100, "2026-11-27 12:00", sent_at=china("2026-11-25 12:00"))
    lines = line_of(payment), line_of_refund(refund, refund_state="FAIL")
    bring(account, Bill(date(2026, 11, 25)).add(*lines))
    bring(account, Bill(DAY).add(foreign_line("2026-11-27 11:00")))
    assert differences() == ["25 refund_failed_there state: succeeded / REFUND FAIL"]


def test_a_refund_of_the_console_without_a_number_is_found_by_its_amount(account: WalletAccount) -> None:
    bring_empty(account, BEFORE, AFTER)
    payment = payment_of(account, "2026-11-27 10:00")
    refund = refund_of(payment, 700, "2026-11-27 11:00", source=Refund.Source.PLATFORM)
    line = line_of_refund(refund, refund_no="C1", refund_id="50001")
    bring(account, Bill(DAY).add(line_of(payment), line))
    assert differences() == []


def test_a_refund_waits_for_the_bill_of_its_request_that_nobody_has_asked_for_yet(
    account: WalletAccount,
) -> None:
    """The day has no row: the schedule makes it, or staff bring its file."""
    bring_empty(account, BEFORE, AFTER)
    payment = payment_of(account, "2026-11-27 10:00")
    refund = refund_of(payment, 100, "2026-11-27 12:00", sent_at=china("2026-11-24 12:00"))
    day = bring(account, Bill(DAY).add(line_of(payment)))
    assert (differences(), day.is_waiting_for_neighbours) == ([], True)
    bring_empty(account, date(2026, 11, 23), date(2026, 11, 25))
    bring(account, Bill(date(2026, 11, 24)).add(line_of_refund(refund, refund_state="PROCESSING")))
    assert bring(account, Bill(DAY).add(line_of(payment))).is_waiting_for_neighbours is False
    assert not Difference.objects.exists()


def test_another_numbers_payment_in_the_bill_hides_none_of_ours(account: WalletAccount, store: Store) -> None:
    """Two counts would agree: one of ours is missing, and one line more is of a payment that is here."""
    bring_empty(account, BEFORE, AFTER)
    payment_of(account, "2026-11-27 10:00")
    other = payment_of(store.wallet_accounts.get(wallet="Alipay"), "2026-11-27 10:00")
    bring(account, Bill(DAY).add(line_of(other)))
    assert [one.split()[1] for one in differences()] == ["missing_there", "party"]
