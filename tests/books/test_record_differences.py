"""Differences are rows that stay the same."""

import threading
from datetime import date
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction

from scanforpay_django.books import record_differences
from scanforpay_django.books.compare.values import Comparison, Found, Kind
from scanforpay_django.books.record_differences import record_comparison
from scanforpay_django.models import BillDay, Difference, WalletAccount
from tests.books.platform_copy import account_of
from tests.merchant import Merchant

pytestmark = pytest.mark.django_db


@pytest.fixture
def day(merchant: Merchant) -> BillDay:
    account = account_of(merchant.store)
    return BillDay.objects.create(merchant="m", account=account, bill_type="trade", day=date(2026, 11, 27))


def found(**said: Any) -> Found:
    account = WalletAccount.objects.get(wallet="Wechat")
    return Found(**{"kind": Kind.AMOUNT, "number": "1", "account_id": account.pk, "theirs": "2.00", **said})


def record(day: BillDay, *rows: Found, judged: tuple[Kind, ...] = (Kind.AMOUNT,)) -> list[tuple[Any, ...]]:
    record_comparison(day, Comparison(found=list(rows), judged=set(judged)))
    every = Difference.objects.order_by("pk")
    return [(row.number, row.occurrence, row.theirs, row.closed_at is None) for row in every]


def close(**which: Any) -> None:
    user = get_user_model().objects.create_user("ann")
    assert Difference.objects.filter(**which).close(user_id=user.pk, reason="a gift") == 1


def test_found_again_it_is_the_same_row(day: BillDay) -> None:
    assert record(day, found()) == record(day, found()) == [("1", 1, "2.00", True)]


def test_what_it_says_may_change(day: BillDay) -> None:
    record(day, found())
    assert record(day, found(theirs="3.00")) == [("1", 1, "3.00", True)]


def test_what_is_gone_is_closed_and_may_come_back(day: BillDay) -> None:
    record(day, found())
    assert record(day) == [("1", 1, "2.00", False)]
    assert record(day, found()) == [("1", 1, "2.00", False), ("1", 2, "2.00", True)]


def test_what_was_not_judged_stays_open(day: BillDay) -> None:
    record(day, found())
    assert record(day, judged=(Kind.CURRENCY,)) == [("1", 1, "2.00", True)]


def test_what_a_person_closed_comes_back_when_it_changes(day: BillDay) -> None:
    record(day, found())
    close()
    assert record(day, found()) == [("1", 1, "2.00", False)]
    assert record(day) == [("1", 1, "2.00", False)]
    assert record(day, found(theirs="3.00")) == [("1", 1, "2.00", False), ("1", 2, "3.00", True)]


def test_a_person_who_is_late_changes_no_reason(day: BillDay) -> None:
    record(day, found())
    close()
    assert Difference.objects.all().close(user_id=None, reason="another") == 0
    assert Difference.objects.get().reason == "a gift"


def test_of_too_many_the_rest_is_counted(day: BillDay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_differences, "MAX_OF_KIND", 3)
    rows = record(day, *(found(number=str(number)) for number in range(5)))
    assert [row[:3] for row in rows] == [
        ("0", 1, "2.00"),
        ("1", 1, "2.00"),
        ("2", 1, "2.00"),
        ("more", 1, "2 more"),
    ]


def test_of_too_many_those_that_were_there_stay_open(day: BillDay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_differences, "MAX_OF_KIND", 2)
    record(day, *(found(number=str(number)) for number in (2, 3)))
    rows = record(day, *(found(number=str(number)) for number in range(4)))
    assert [row[0] for row in rows if row[3]] == ["2", "3", "0", "1", "more"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_changes_while_a_person_closes_it_comes_back(day: BillDay) -> None:
    with transaction.atomic():
        record(day, found())
    user = get_user_model().objects.create_user("ann")
    one = found(theirs="3.00")
    is_closed, is_waiting = threading.Event(), threading.Event()

    def compare() -> None:
        is_closed.wait(10)
        is_waiting.set()
        with transaction.atomic():
            record_comparison(day, Comparison(found=[one], judged={Kind.AMOUNT}))
        connection.close()

    thread = threading.Thread(target=compare)
    thread.start()
    with transaction.atomic():
        Difference.objects.all().close(user_id=user.pk, reason="a gift")
        is_closed.set()
        is_waiting.wait(10)
        thread.join(1)
    thread.join()
    assert [row.theirs for row in Difference.objects.open()] == ["3.00"]
