"""Today beside the same weekday of last week."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from scanforpay_django.models import DailyFigure
from scanforpay_django.operations.figures.follow import ChangeFollower
from scanforpay_django.operations.overview.today import Today, find_change, read_today
from tests.operations.figures.calendar import At, at, follow, make, open_page, pay, refund, store

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 28, 17, 42, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


def read() -> Today:
    follow(ChangeFollower())
    return read_today(DailyFigure.objects.all(), NOW)


def test_both_days_are_compared_until_the_same_time(store, at: At) -> None:
    for moment in (
        "2026-11-21 17:39:59", "2026-11-21 17:40:00", "2026-11-21 23:00", "2026-11-20 10:00",
        "2026-11-28 09:00", "2026-11-28 17:39", "2026-11-28 17:42",
    ):  # fmt: skip
        at(moment)
        pay(open_page(make(store)))
    today = read()
    assert f"{today.until:%H:%M}" == "17:40"
    sums = (today.so_far, today.compared, today.last_week)
    assert [one.get("CNY", "paid_count") for one in sums] == [3, 2, 1]
    assert [one.get("CNY", "paid_amount") for one in sums] == [6300, 4200, 2100]
    assert sum(today.pay_times.values()) == 3
    assert sum(today.last_pay_times.values()) == 3


def test_where_they_left(store, at: At) -> None:
    at("2026-11-28 10:00")
    make(store)
    open_page(make(store))
    open_page(make(store, state="expired"), state="closed")
    open_page(make(store, state="expired"), state="failed")
    payment = open_page(make(store))
    pay(payment)
    payment.refresh_from_db()
    refund(payment, 525)
    today = read()
    orders = today.so_far.orders
    assert (orders["created_count"], orders["opened_count"], today.so_far.paid_part) == (5, 4, 25)
    assert (today.left_count, orders["opened_refused_count"], orders["opened_waiting_count"]) == (1, 1, 1)
    assert today.so_far.find_refunded_part("CNY") == 25


def test_nothing_is_compared_with_nothing() -> None:
    today = read_today(DailyFigure.objects.all(), NOW)
    assert (today.currencies, today.so_far.paid_part, today.find_pay_time(0.5)) == ([], None, None)
    assert find_change(5, 0) is None
    assert find_change(3, 4) == -25
