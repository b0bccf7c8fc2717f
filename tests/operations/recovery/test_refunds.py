"""Asking about refunds of recent payments: each payment once, and again what could not be asked."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.models import Payment, RestoreMark
from scanforpay_django.operations.recovery.ask import Asked
from scanforpay_django.operations.recovery.refunds import RECENT, ask_about_refunds
from tests.lost_orders import keep_only
from tests.wallets.conftest import Till, till_of

__all__ = ["till_of"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def till(till_of: Callable[[str], Till]) -> Till:
    return keep_only(till_of("wechat"))


def ask(mark: RestoreMark, recent: timedelta = RECENT) -> Asked:
    mark.refresh_from_db()
    return ask_about_refunds(mark, recent=recent, per_second=10_000, threads=1, report=lambda asked: None)


def test_recent_payments_are_asked_about_once(till: Till) -> None:
    payments = [till.paid() for _number in range(3)]
    Payment.objects.filter(pk=payments[0].pk).update(paid_at=clock.now() - timedelta(days=4))
    mark = RestoreMark.objects.create(backup_from=clock.now() - timedelta(hours=1))
    # Paid after the restore: nothing of it is lost.
    later = till.paid()
    Payment.objects.filter(pk=later.pk).update(paid_at=mark.at + timedelta(seconds=1))
    assert ask(mark).rows == 2
    assert ask(mark).rows == 0
    mark.refresh_from_db()
    assert mark.refunds_asked_to == payments[2].pk


def test_how_far_back_is_said(till: Till) -> None:
    payment = till.paid()
    Payment.objects.filter(pk=payment.pk).update(paid_at=clock.now() - timedelta(days=4))
    mark = RestoreMark.objects.create(backup_from=clock.now() - timedelta(hours=1))
    assert (ask(mark).rows, ask(mark, timedelta(days=5)).rows) == (0, 1)


def test_one_that_cannot_be_asked_is_asked_again(till: Till) -> None:
    first, second = till.paid(), till.paid()
    mark = RestoreMark.objects.create(backup_from=clock.now() - timedelta(hours=1))
    till.sandbox.fault("http-500", operation="refund_query")
    asked = ask(mark)
    assert (asked.rows, list(asked.faults)) == (2, [first.out_trade_no])
    again = ask(mark)
    assert (again.rows, again.faults) == (2, {})
    mark.refresh_from_db()
    assert mark.refunds_asked_to == second.pk
