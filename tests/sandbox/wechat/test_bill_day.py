"""A bill of WeChat Pay can be taken from ten o'clock of the next day, for three months."""

from datetime import time, timedelta

import pytest

from scanforpay_django.sandbox import moved_clock
from scanforpay_django.sandbox.bill_controls import edit_bill
from scanforpay_django.sandbox.bill_days import at, today
from scanforpay_django.sandbox.merchants import issue_wechat_global_credentials
from scanforpay_django.sandbox.models import Merchant
from tests.sandbox.bills import (
    ask_wechat,
    code_of_wechat,
    fetch_statement,
    fetch_wechat,
    forward_to,
    forward_until_published,
    pay_wechat,
)
from tests.sandbox.families import HongKong

pytestmark = pytest.mark.django_db


@pytest.fixture
def hong_kong(client, db):
    return HongKong(client, issue_wechat_global_credentials())


def test_a_bill_is_in_the_making_until_ten(direct):
    day = forward_to(12)
    number = pay_wechat(direct)
    next_day = day + timedelta(days=1)
    for hour, minute in ((23, 58), (0, 1), (8, 59), (9, 30), (9, 58)):
        forward_to(hour, minute)
        answer = ask_wechat(direct, day)
        assert (answer.status_code, answer.json()["code"]) == (400, "STATEMENT_CREATING")
        assert code_of_wechat(direct, day, "fundflowbill") == "STATEMENT_CREATING"
    forward_to(10, 1, day=next_day)
    assert [line["商户订单号"] for line in fetch_wechat(direct, day).lines] == [number]
    assert code_of_wechat(direct, day, "fundflowbill") == ""
    # The day that has begun has none yet.
    assert code_of_wechat(direct, next_day) == "STATEMENT_CREATING"


def test_whether_a_day_had_trades_is_told_when_its_bill_would_be_out(direct):
    day = forward_to(12)
    assert code_of_wechat(direct, day) == "STATEMENT_CREATING"
    forward_to(9, 58)
    assert code_of_wechat(direct, day) == "STATEMENT_CREATING"
    forward_to(10, 1)
    answer = ask_wechat(direct, day)
    assert (answer.status_code, answer.json()["code"]) == (400, "NO_STATEMENT_EXIST")


def test_days_to_come_and_days_long_ago_are_refused(direct):
    forward_to(12)
    codes = [code_of_wechat(direct, today() - timedelta(days=age)) for age in (-1, 90, 91)]
    assert codes == ["PARAM_ERROR", "NO_STATEMENT_EXIST", "PARAM_ERROR"]


def test_a_bill_is_gone_after_three_months(direct):
    day = forward_to(12)
    pay_wechat(direct)
    forward_until_published(day)
    moved_clock.forward(timedelta(days=89))
    assert fetch_wechat(direct, day).is_clean
    moved_clock.forward(timedelta(days=1))
    assert code_of_wechat(direct, day) == "PARAM_ERROR"


def test_a_statement_comes_at_the_same_hour_and_is_kept_for_180_days(hong_kong):
    day = forward_to(12)
    codes = [
        fetch_statement(hong_kong, day - timedelta(days=age)).json()["code"] for age in (0, -1, 180, 181)
    ]
    assert codes == ["STATEMENT_CREATING", "PARAM_ERROR", "NO_STATEMENT_EXIST", "PARAM_ERROR"]
    forward_to(9, 58)
    assert fetch_statement(hong_kong, day).json()["code"] == "STATEMENT_CREATING"
    forward_to(10, 1)
    assert fetch_statement(hong_kong, day).json()["code"] == "NO_STATEMENT_EXIST"


def test_a_bill_may_be_late(direct):
    day = forward_to(12)
    pay_wechat(direct)
    merchant = Merchant.objects.get(number=direct.config["mchid"])
    edit_bill(merchant, day, "late", published_at=at(day + timedelta(days=1), time(14)))
    forward_until_published(day)
    assert code_of_wechat(direct, day) == "STATEMENT_CREATING"
    assert code_of_wechat(direct, day, "fundflowbill") == ""
    forward_to(14, 1)
    assert code_of_wechat(direct, day) == ""
