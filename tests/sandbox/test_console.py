"""Trades of other systems and refunds of the console are the platform's like all others."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.sandbox import console
from scanforpay_django.sandbox.clock import BEIJING
from scanforpay_django.sandbox.console import ConsoleError
from scanforpay_django.sandbox.merchants import issue_alipay_global_credentials
from scanforpay_django.sandbox.models import Merchant, Notice, Trade
from tests.sandbox.bills import (
    fetch_alipay,
    fetch_wechat,
    forward_to,
    forward_until_published,
    pay_alipay,
    pay_wechat,
)

pytestmark = pytest.mark.django_db


def test_they_stand_in_the_bill_beside_ours(direct):
    day = forward_to(12)
    number = pay_wechat(direct)
    merchant = Merchant.objects.get(number=direct.config["mchid"])
    others = console.add_trades(merchant, 20, amount=300)
    back = [console.refund(others[0], 100), console.refund(Trade.objects.get(out_trade_no=number), 700)]
    forward_until_published(day)
    bill = fetch_wechat(direct, day)
    assert bill.is_clean
    assert {line["商户订单号"] for line in bill.lines} == {number, *(trade.out_trade_no for trade in others)}
    assert [line.out_refund_no for line in bill.read.lines[21:]] == [one.number for one in back]
    assert bill.totals["订单总金额"] == "81.00"
    assert [line.reference for line in bill.read.lines[1:21]] == [""] * 20


def test_the_api_answers_for_them(direct):
    merchant = Merchant.objects.get(number=direct.config["mchid"])
    [trade] = console.add_trades(merchant)
    made = console.refund(trade, 400)
    assert direct.ask(trade.out_trade_no).json()["trade_state"] == "REFUND"
    assert direct.ask_refund(made.number).json()["status"] == "SUCCESS"
    assert not Notice.objects.exists()


def test_the_same_at_alipay_on_a_day_of_choice(full_alipay):
    pay_alipay(full_alipay)
    merchant = Merchant.objects.get(number=full_alipay.config["seller_id"])
    moment = clock.now() - timedelta(days=3)
    [trade] = console.add_trades(merchant, amount=500, paid_at=moment)
    console.refund(trade, 500, at=moment)
    bill = fetch_alipay(full_alipay, moment.astimezone(BEIJING).date())
    assert [(str(line.kind), line.amount) for line in bill.read.lines] == [("payment", 500), ("refund", 500)]
    assert bill.is_clean


@pytest.mark.parametrize(("count", "amount"), [(0, 1), (10_001, 1), (1, 0)])
def test_too_many_and_too_little_are_refused(direct, count, amount):
    with pytest.raises(ConsoleError):
        console.add_trades(Merchant.objects.get(number=direct.config["mchid"]), count, amount=amount)


def test_no_more_goes_back_than_came_in(direct):
    [trade] = console.add_trades(Merchant.objects.get(number=direct.config["mchid"]))
    with pytest.raises(ConsoleError, match="too-much"):
        console.refund(trade, 1001)


def test_a_platform_without_bills_has_none(db):
    config, _ = issue_alipay_global_credentials()
    with pytest.raises(ConsoleError):
        console.add_trades(Merchant.objects.get(number=config["partner"]))
