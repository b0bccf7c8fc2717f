"""What a bill lists of a day, and what it does not."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.sandbox import payments, refunds, trades
from scanforpay_django.sandbox.bill_rows import find_accepted, find_finished, find_paid
from scanforpay_django.sandbox.models import Refund, Trade
from tests.sandbox.bills import pay_wechat

pytestmark = pytest.mark.django_db


@pytest.fixture
def trade(direct):
    return Trade.objects.get(out_trade_no=pay_wechat(direct))


def around():
    return clock.now() - timedelta(minutes=1), clock.now() + timedelta(minutes=1)


def refund(trade, amount, state="SUCCESS"):
    made, _ = refunds.start(trade, refunds.RefundCall(number=f"R{amount}", amount=amount, request={}))
    payments.finish_refund(made, state)
    return made


def test_a_span_begins_with_its_first_moment_and_ends_before_its_last(trade):
    at, second = trade.paid_at, timedelta(seconds=1)
    spans = [(at, at + second), (at - second, at), (at + second / 1000, at + second)]
    assert [len(find_paid(trade.merchant, span)) for span in spans] == [1, 0, 0]


def test_a_failed_refund_is_accepted_and_never_finished(trade):
    refund(trade, 100, "CLOSED")
    [listed] = find_accepted(trade.merchant, around(), clock.now())
    assert (listed.state, listed.amount) == ("CLOSED", 100)
    assert find_finished(trade.merchant, around()) == []


def test_a_reversal_is_of_what_was_left(trade):
    refund(trade, 100)
    trades.revoke(trade)
    listed = find_accepted(trade.merchant, around(), clock.now())
    assert [(one.amount, one.is_reversal) for one in listed] == [(100, False), (2000, True)]
    assert find_finished(trade.merchant, around()) == listed


def test_a_state_is_that_of_the_moment(trade):
    made = refund(trade, 100, "ABNORMAL")
    Refund.objects.filter(pk=made.pk).update(created_at=clock.now() - timedelta(minutes=30))
    soon = clock.now()
    payments.finish_refund(made, "SUCCESS")
    made.refresh_from_db()
    moments = (made.abnormal_at - timedelta(seconds=1), soon, clock.now() + timedelta(seconds=1))
    assert [refunds.find_state(made, moment) for moment in moments] == ["PROCESSING", "ABNORMAL", "SUCCESS"]
