"""The fund bill of the sandbox, as the books read it."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.books.fetch_bill import fetch_bill
from scanforpay_django.sandbox.models import Refund, Trade
from scanforpay_django.sandbox.wechat.fund_bill import HEAD, OPENING
from scanforpay_django.wallets.bills.amounts import CHINA
from tests.sandbox.bills import forward_to, forward_until_published
from tests.wallets.bills.samples import FUND_HEAD
from tests.wallets.conftest import till_of
from tests.wallets.test_contract import refund_of

__all__ = ["till_of"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def test_both_sides_copied_the_same_head():
    assert HEAD == FUND_HEAD


def test_movements_and_fees_meet_the_balance(till_of):
    till = till_of("wechat")
    payment = till.paid()
    till.wallet.refund(refund_of(payment))
    # Its bill is out at any hour.
    noon = (clock.now().astimezone(CHINA) - timedelta(days=2)).replace(hour=12)
    Trade.objects.update(paid_at=noon)
    Refund.objects.update(created_at=noon + timedelta(seconds=1))
    day = noon.date()
    bill = fetch_bill(till.account, "fund", day)
    assert (bill.state, bill.is_whole, bill.problem_count) == ("read", True, 0)
    lines = list(bill.lines.order_by("line_no"))
    assert [(line.kind, line.word, line.amount) for line in lines] == [
        ("income", "交易", 2100), ("expense", "扣除交易手续费", 13), ("expense", "退款", 696),
    ]  # fmt: skip
    assert lines[-1].balance == OPENING + 2100 - 13 - 696
    assert [line.trade_no for line in lines] == [payment.trade_no] * 3
    assert fetch_bill(till.account, "fund_fees", day).state == "none"


@pytest.mark.parametrize(("paid_by", "income", "back"), [("platform", 2100, 2087), ("merchant", 1600, 1590)])
def test_a_coupon_of_the_merchants_never_comes_in(till_of, paid_by, income, back):
    till = till_of("wechat")
    day = forward_to(12)
    till.sandbox.bills.coupon(500, paid_by=paid_by)
    payment = till.paid()
    till.wallet.refund(refund_of(payment, 2100))
    forward_until_published(day)
    bill = fetch_bill(till.account, "fund", day)
    assert (bill.is_whole, bill.problem_count) == (True, 0)
    assert [line.amount for line in bill.lines.order_by("line_no")] == [income, income - back, back]


def test_a_movement_may_be_edited_away(till_of):
    till = till_of("wechat")
    day = forward_to(12)
    payment = till.paid()
    till.sandbox.bills.edit(till.account, day, "set", kind="fund", field="收支金额(元)", value="1.00")
    till.sandbox.bills.edit(till.account, day, "double", kind="fund", number=payment.out_trade_no)
    forward_until_published(day)
    bill = fetch_bill(till.account, "fund", day)
    assert (bill.is_whole, [line.amount for line in bill.lines.all()]) == (True, [100] * 4)
    assert fetch_bill(till.account, "trade", day).lines.get().amount == 2100
