"""Alipay's bill of all movements of the sandbox, as the books read it."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.books.fetch_bill import fetch_bill
from scanforpay_django.sandbox import trades
from scanforpay_django.sandbox.alipay.account_bill import HEAD, OPENING
from scanforpay_django.sandbox.models import Refund, Trade
from scanforpay_django.wallets.bills.amounts import CHINA
from tests.sandbox.bills import forward_to, forward_until_published
from tests.wallets.bills.samples import ACCOUNT_HEAD
from tests.wallets.conftest import till_of
from tests.wallets.test_contract import refund_of

__all__ = ["till_of"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def test_both_sides_copied_the_same_head():
    assert HEAD == ACCOUNT_HEAD


def test_movements_and_fees_meet_the_balance(till_of):
    till = till_of("alipay")
    payment = till.paid()
    till.wallet.refund(refund_of(payment))
    # Its bill is out at any hour.
    noon = (clock.now().astimezone(CHINA) - timedelta(days=2)).replace(hour=12)
    Trade.objects.update(paid_at=noon)
    Refund.objects.update(created_at=noon, finished_at=noon + timedelta(seconds=1))
    bill = fetch_bill(till.account, "signcustomer", noon.date())
    assert (bill.state, bill.is_whole, list(bill.problems.all())) == ("read", True, [])
    lines = list(bill.lines.order_by("line_no"))
    assert [(line.kind, line.word, line.amount) for line in lines] == [
        ("income", "在线支付", 2100), ("expense", "收费", 13), ("expense", "交易退款", 700), ("income", "退费", 4),
    ]  # fmt: skip
    assert lines[-1].balance == OPENING + 2100 - 13 - 700 + 4
    assert {line.out_trade_no for line in lines} == {payment.out_trade_no}
    assert bill.totals["汇总 收入笔数"] == "2"


def test_a_coupon_of_the_merchants_never_comes_in_and_a_cancelled_payment_goes_out(till_of):
    till = till_of("alipay")
    day = forward_to(12)
    till.sandbox.bills.coupon(500, paid_by="merchant")
    payment = till.paid()
    trades.revoke(Trade.objects.get(out_trade_no=payment.out_trade_no))
    forward_until_published(day)
    bill = fetch_bill(till.account, "signcustomer", day)
    assert (bill.is_whole, list(bill.problems.all())) == (True, [])
    lines = list(bill.lines.order_by("line_no"))
    assert [(line.kind, line.amount) for line in lines] == [
        ("income", 1600), ("expense", 10), ("expense", 1600), ("income", 10),
    ]  # fmt: skip
    assert lines[-1].balance == OPENING
