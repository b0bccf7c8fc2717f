"""A day is compared by one process at a time."""

import io
import threading
from datetime import date, timedelta

import pytest
from django.db import connection

from scanforpay_django import clock
from scanforpay_django.books.bill_merchants import find_merchant
from scanforpay_django.books.fetch_bill import import_bill
from scanforpay_django.books.keep_bill import BillOf
from scanforpay_django.books.reconcile import DayIsBusy, compare_again, compare_file, get_day, holding
from scanforpay_django.models import BillDay, Difference, Notification, WalletAccount
from tests.books.platform_copy import (
    Bill,
    bring,
    bring_empty,
    china,
    differences,
    line_of,
    payment_of,
    unpaid_of,
)
from tests.operations.figures.calendar import At

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2026, 11, 27)


def test_a_day_that_is_held_is_busy(account: WalletAccount) -> None:
    day = bring(account, Bill(DAY).add(line_of(unpaid_of(account, "closed"))))
    with holding(day), pytest.raises(DayIsBusy):
        compare_again(find_merchant(account), day)
    assert compare_again(find_merchant(account), day).state == "compared"


def test_a_process_that_died_holds_it_for_a_while(account: WalletAccount) -> None:
    day = bring(account, Bill(DAY).add(line_of(unpaid_of(account, "closed"))))
    BillDay.objects.update(lease_token="dead", lease_until=clock.now() - timedelta(seconds=1))
    assert compare_again(find_merchant(account), day).lease_token == ""


def test_days_with_differences_are_compared_again(account: WalletAccount) -> None:
    bring_empty(account, date(2026, 11, 26), date(2026, 11, 28))
    agrees = bring(account, Bill(DAY).add(line_of(payment_of(account, "2026-11-27 10:00"))))
    assert agrees.next_at == china("2026-12-03 00:00")
    differs = bring(account, Bill(DAY).add(line_of(unpaid_of(account, "closed"))))
    assert differs.next_at == clock.now() + timedelta(hours=6)


def test_a_day_that_agrees_is_compared_once_more(account: WalletAccount, at: At) -> None:
    """When notifications of it were given up, and refunds have had their time."""
    bring_empty(account, date(2026, 11, 26), date(2026, 11, 28))
    payment = payment_of(account, "2026-11-27 10:00")
    day = bring(account, Bill(DAY).add(line_of(payment)))
    Notification.objects.create(
        order=payment.order,
        partner=payment.order.partner,
        url="https://shop.example/notify",
        endpoint="e",
        content="{}",
        state=Notification.State.EXHAUSTED,
        alarmed_at=china("2026-12-01 10:00"),
    )
    at("2026-12-03 00:01")
    assert BillDay.objects.due(clock.now()).filter(pk=day.pk).exists()
    compare_again(find_merchant(account), day)
    assert differences() == ["27 not_notified notification: exhausted / -"]
    Difference.objects.open().close(user_id=None, reason="")
    Notification.objects.all().delete()
    assert compare_again(find_merchant(account), day).next_at is None


def test_two_processes_at_once_write_one_difference(account: WalletAccount) -> None:
    """On every database: the loser is told that the day is busy, and writes nothing."""
    day = bring(account, Bill(DAY).add(line_of(unpaid_of(account, "closed"))))
    Difference.objects.all().delete()
    begin, outcomes = threading.Barrier(2), []

    def compare() -> None:
        try:
            begin.wait(10)
            compare_again(find_merchant(account), day)
            outcomes.append("compared")
        except DayIsBusy:
            outcomes.append("busy")
        finally:
            connection.close()

    threads = [threading.Thread(target=compare) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "compared" in outcomes
    assert len(outcomes) == 2
    assert Difference.objects.count() == 1


def test_without_its_wallet_a_day_stays_as_it_was_compared(account: WalletAccount) -> None:
    day = bring(account, Bill(DAY).add(line_of(unpaid_of(account, "closed"))))
    WalletAccount.objects.filter(pk=account.pk).update(wallet="Gone")
    account.refresh_from_db()
    compare_again(find_merchant(account), BillDay.objects.get(pk=day.pk))
    assert BillDay.objects.get(pk=day.pk).totals == day.totals != {}


def test_a_file_of_several_days_is_compared_once_and_covers_them(account: WalletAccount) -> None:
    """The last day's neighbour is the day after it, and none of the days is missed any more."""
    merchant = find_merchant(account)
    rows = [get_day(merchant, "trade", date(2026, 11, number)) for number in (26, 27)]
    BillDay.objects.update(state=BillDay.State.LATE, next_at=clock.now())
    late = Difference.objects.create(
        day=rows[1], account=account, kind=Difference.Kind.BILL_LATE, number="bill", facts="x"
    )
    bring_empty(account, date(2026, 11, 24), date(2026, 11, 28))
    payments = [payment_of(account, f"2026-11-{number} 10:00") for number in (25, 26, 27)]
    bill = Bill(date(2026, 11, 25)).add(*(line_of(payment) for payment in payments))
    of = BillOf(account=account, bill_type="trade", first_day=bill.day, last_day=DAY)
    days = compare_file(merchant, import_bill(of, io.BytesIO(bill.trade()), by="ann"))
    assert (days[0].state, days[0].is_waiting_for_neighbours) == ("compared", False)
    assert {row.state for row in BillDay.objects.filter(day__in=(bill.day, DAY))} == {"compared"}
    late.refresh_from_db()
    assert late.closed_at is not None
    assert not Difference.objects.open().exists()
