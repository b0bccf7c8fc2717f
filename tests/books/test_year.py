"""Days go by at the sandbox: payments, refunds, and each day's bill fetched on the next. In the end all agrees.

    EVERY_CASE=1 pytest tests/books/test_year.py

runs a year instead of ten days.
"""

import os
import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from scanforpay_django import clock
from scanforpay_django.books.beancount import write_beancount
from scanforpay_django.books.bill_schedule import reconcile_due
from scanforpay_django.books.follow import catch_up
from scanforpay_django.models import BillDay, Difference, Payment, Posting, Refund
from scanforpay_django.operations.figures.bill_days import post_bills
from tests.bean_check import bean_check
from tests.books.test_bill_schedule import china_today, move_to
from tests.wallets.conftest import Till, till_of

__all__ = ["till_of"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(3600)]
DAYS = 365 if os.environ.get("EVERY_CASE") else 6
#: of each day: not all have the same number of payments, and the last is before midnight
HOURS = ("10:30", "17:00", "23:50")


class Days:
    """A shop with a till, whose days are lived one after the other."""

    def __init__(self, till: Till) -> None:
        self.till = till
        self.rng = random.Random(20261128)
        # what is left of each payment
        self.left: dict[str, int] = {}

    def live(self, day: date) -> None:
        """Some sales, a refund on most days, and in the next morning the bill."""
        for hour in HOURS[: self.rng.randint(1, len(HOURS))]:
            move_to(day, hour)
            payment = self.till.paid()
            assert payment.paid_amount is not None
            self.left[payment.order.partner_order_no] = payment.paid_amount
        if self.rng.random() < 0.7:
            self.refund()
        # A refund ends with the platform's message, which comes by itself.
        assert self.till.sandbox.wait_for_notices()
        move_to(day + timedelta(days=1), "10:16")
        run_jobs()

    def refund(self) -> None:
        """A part of one that was paid lately, or all that is left of it."""
        number = self.rng.choice(list(self.left)[-20:])
        amount = self.rng.choice([self.left[number], max(1, self.left[number] // 3)])
        body = {"partnerOrderNo": number, "refundNo": f"r{Refund.objects.count()}", "orderAmount": amount}
        answer = self.till.merchant.call("/api/common/refund", body)
        assert answer["code"] == 1, answer
        self.left[number] -= amount
        if not self.left[number]:
            del self.left[number]


def run_jobs() -> None:
    """What a worker does for the books."""
    for job in (reconcile_due, post_bills):
        while job():
            continue


def test_at_the_end_every_day_is_final_and_nothing_is_open(
    till_of: Callable[[str], Till], tmp_path: Path
) -> None:
    till = till_of("wechat")
    till.account.fee_rate = Decimal("0.006")
    till.account.save()
    days, first = Days(till), china_today() + timedelta(days=1)
    for number in range(DAYS):
        days.live(first + timedelta(days=number))
    assert clock.now().date() >= first + timedelta(days=DAYS - 1)
    found = Difference.objects.values_list("day__day", "kind", "number", "ours", "theirs")
    assert list(found) == []
    compared = BillDay.objects.filter(day__gte=first)
    assert [day.day for day in compared if not day.is_final()] == []
    assert compared.count() == DAYS
    assert (
        sum(day.totals["CNY"]["payments"] for day in compared) == Payment.objects.filter(state="paid").count()
    )
    assert sum(day.totals["CNY"]["refunds"] for day in compared) == Refund.objects.count()
    assert not Refund.objects.exclude(state="succeeded").exists()
    catch_up()
    text = "\n".join(write_beancount(Posting.objects.all())) + "\n"
    assert bean_check(tmp_path / "ledger.beancount", text) == ""
