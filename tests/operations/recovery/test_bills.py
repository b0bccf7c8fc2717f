"""Which bills a recovery waits for, and when it ends."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.books.bill_schedule import reconcile_due
from scanforpay_django.models import BillDay, RestoreMark, WalletAccount
from scanforpay_django.operations.recovery.bills import (
    bring_back_due,
    find_bill_time,
    find_lost_days,
    find_waiting,
)
from scanforpay_django.sandbox import moved_clock
from scanforpay_django.wallets.bills.amounts import CHINA
from tests.lost_orders import keep_only
from tests.wallets.conftest import Till, till_of

__all__ = ["till_of"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mark(till_of: Callable[[str], Till]) -> RestoreMark:
    """A copy of three days ago, and one account that is older."""
    keep_only(till_of("wechat"))
    WalletAccount.objects.update(created_at=clock.now() - timedelta(days=30))
    return RestoreMark.objects.create(backup_from=clock.now() - timedelta(days=3))


def test_each_day_between_is_waited_for(mark: RestoreMark) -> None:
    last = mark.at.astimezone(CHINA).date()
    assert [one.day for one in find_lost_days(mark)] == [last - timedelta(days=ago) for ago in (3, 2, 1, 0)]
    assert len(find_waiting(mark)) == 4
    # Five minutes after WeChat Pay's bills are ready, and up to ten later: merchant numbers take turns.
    ready = datetime.combine(last + timedelta(days=1), time(10, 5), CHINA)
    assert ready <= find_bill_time(mark) <= ready + timedelta(minutes=10)


def test_it_ends_with_the_last_bill(mark: RestoreMark) -> None:
    reconcile_due()
    bring_back_due()
    mark.refresh_from_db()
    assert mark.ended_at is None
    moved_clock.forward(find_bill_time(mark) + timedelta(minutes=30) - clock.now())
    reconcile_due()
    bring_back_due()
    assert find_waiting(mark) == []
    mark.refresh_from_db()
    assert mark.ended_at is not None


def test_a_bill_that_never_comes_is_not_waited_for(mark: RestoreMark) -> None:
    reconcile_due()
    moved_clock.forward(find_bill_time(mark) + timedelta(minutes=30) - clock.now())
    reconcile_due()
    BillDay.objects.filter(day=mark.at.astimezone(CHINA).date()).update(state="late")
    bring_back_due()
    assert len(find_waiting(mark)) == 1
    BillDay.objects.filter(state="late").update(state="gone")
    bring_back_due()
    assert RestoreMark.objects.under_way() is None


def test_without_a_recovery_nothing_happens() -> None:
    bring_back_due()
    assert not RestoreMark.objects.exists()


def test_an_account_that_was_made_again_has_the_bills_of_the_loss(mark: RestoreMark) -> None:
    """And those of a copy that is older than a week, which gaps are filled for."""
    WalletAccount.objects.update(created_at=clock.now())
    RestoreMark.objects.update(backup_from=clock.now() - timedelta(days=10))
    mark.refresh_from_db()
    reconcile_due()
    last = mark.at.astimezone(CHINA).date()
    days = set(BillDay.objects.values_list("day", flat=True))
    assert days == {last - timedelta(days=ago) for ago in range(1, 11)}
