"""Where both sides agree nothing is found, whatever the days' order: midnights, parts, coupons, other systems.

    EVERY_CASE=1 pytest tests/books/test_clean_books.py

runs it with 100,000 orders.
"""

import os
import random

import pytest

from scanforpay_django.models import BillDay, Difference, Payment
from tests.books.agreeing_books import AgreeingBooks, open_number
from tests.books.published import compare_all_again, expect_bills, publish
from tests.merchant import Merchant
from tests.operations.figures.calendar import At, at

__all__ = ["at"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(3600)]
EVERY_CASE = bool(os.environ.get("EVERY_CASE"))
ORDERS, DAYS = (100_000, 12) if EVERY_CASE else (400, 6)


def make_books(merchant: Merchant) -> AgreeingBooks:
    numbers = [
        open_number(merchant.partner, "1900000021", DAYS),
        open_number(merchant.partner, "1900000022", DAYS, sub_mchids=("1900000109", "1900000110")),
        open_number(merchant.partner, "1900000023", DAYS, wallet="WechatGlobal"),
    ]
    books = AgreeingBooks(numbers, DAYS, seed=20261128)
    books.fill(ORDERS)
    books.rows.save()
    return books


def test_nothing_is_found_where_both_sides_agree(merchant: Merchant, at: At) -> None:
    at("2026-11-30 12:00")
    books = make_books(merchant)
    bills = [(number, bill) for number in books.numbers for bill in number.bills.values()]
    books.rng.shuffle(bills)
    for number in books.numbers:
        expect_bills(number.accounts[0], number.bills)
    for number, bill in bills:
        publish(number.accounts[0], bill)
    compare_all_again(random.Random(1))
    assert list(Difference.objects.values_list("day__day", "kind", "number", "ours", "theirs")) == []
    days = BillDay.objects.all()
    assert {day.state for day in days} == {"compared"}
    assert len(days) == 3 * (DAYS + 2)
    lines = sum(len(bill.lines) for _number, bill in bills)
    counts = [one for day in days for one in day.totals.values()]
    assert sum(one["payments"] + one["refunds"] for one in counts) < lines
    assert Payment.objects.filter(state="paid").count() > ORDERS * 0.8
