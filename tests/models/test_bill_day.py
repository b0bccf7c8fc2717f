"""Which day is whose, and what is due."""

from datetime import date, timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.models import BillDay
from scanforpay_django.models.bill_day import count_lines
from tests.merchant import Merchant

pytestmark = pytest.mark.django_db


@pytest.fixture
def day(merchant: Merchant) -> BillDay:
    account = merchant.store.wallet_accounts.first()
    return BillDay.objects.create(merchant="m", account=account, bill_type="trade", day=date(2026, 11, 27))


def test_a_day_is_one_process_s(day: BillDay) -> None:
    assert BillDay.objects.claim(day.pk, "a")
    assert not BillDay.objects.claim(day.pk, "b")
    assert not BillDay.objects.held(day.pk, "b").exists()
    BillDay.objects.update(lease_until=clock.now() - timedelta(seconds=1))
    assert BillDay.objects.claim(day.pk, "b")
    assert not BillDay.objects.held(day.pk, "a").exists()


def test_what_is_due(day: BillDay) -> None:
    now = clock.now()
    assert list(BillDay.objects.due(now)) == []
    BillDay.objects.update(next_at=now)
    assert list(BillDay.objects.due(now)) == [day]
    assert list(BillDay.objects.due(now - timedelta(seconds=1))) == []


def test_what_is_final() -> None:
    final = {state for state in BillDay.State if BillDay(state=state).is_final()}
    assert final == {"none", "compared", "gone"}


def test_lines_of_all_currencies() -> None:
    one = {"payments": 2, "paid": 1, "refunds": 1, "refunded": 1}
    assert count_lines({"CNY": one, "HKD": one}) == 6
