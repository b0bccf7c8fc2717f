"""``scanforpay_sandbox.bills``: the platform's bill differs from ours, and the books read what it says."""

from datetime import time

import pytest

from scanforpay_django.books.fetch_bill import fetch_bill
from scanforpay_django.exceptions import BillNotReady
from scanforpay_django.models import BillFile
from scanforpay_django.sandbox.bill_days import at, next_day
from tests.sandbox.bills import forward_to, forward_until_published
from tests.wallets.conftest import SETUPS, till_of
from tests.wallets.test_contract import refund_of

__all__ = ["till_of"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]
WITH_BILLS = [name for name, setup in SETUPS.items() if setup.bill_type]


@pytest.mark.parametrize("name", WITH_BILLS)
@pytest.mark.parametrize("paid_by", ["platform", "merchant"])
def test_an_order_paid_with_a_coupon_is_paid_and_read(till_of, name, paid_by):
    till = till_of(name)
    bills, kind = till.sandbox.bills, till.setup.bill_type
    day = forward_to(12)
    bills.coupon(500, paid_by=paid_by, account=till.account)
    payment = till.paid()
    till.wallet.refund(refund_of(payment))
    [other] = bills.other_trades(till.account, amount=300)
    bills.console_refund(other, 100)
    forward_until_published(day)
    bill = fetch_bill(till.account, kind, day)
    assert (bill.state, bill.is_whole, list(bill.problems.all())) == ("read", True, [])
    lines = [(line.kind, line.amount, line.settled) for line in bill.lines.order_by("line_no")]
    settled = 1600 if paid_by == "merchant" else 2100
    back = -534 if paid_by == "merchant" else -700
    assert sorted(lines) == [
        ("payment", 300, 300), ("payment", 2100, settled), ("refund", 100, -100), ("refund", 700, back),
    ]  # fmt: skip


def test_a_bill_that_is_published_again_takes_the_place_of_the_first(till_of):
    till = till_of("wechat")
    day = forward_to(12)
    payment = till.paid()
    forward_until_published(day)
    first = fetch_bill(till.account, "trade", day)
    assert fetch_bill(till.account, "trade", day) == first
    till.sandbox.bills.other_trades(till.account, paid_at=at(day, time(11)))
    till.sandbox.bills.edit(
        till.account, day, "set", number=payment.out_trade_no, field="amount", value="20.00"
    )
    second = fetch_bill(till.account, "trade", day)
    first.refresh_from_db()
    assert first.superseded_by == second
    assert list(second.lines.order_by("line_no").values_list("amount", flat=True)) == [1000, 2000]
    payment.refresh_from_db()
    assert (payment.paid_amount, second.problem_count) == (2100, 0)


@pytest.mark.parametrize("name", ["wechat", "wechat-global", "alipay"])
def test_a_late_bill_comes_later(till_of, name):
    till = till_of(name)
    day = forward_to(12)
    till.paid()
    till.sandbox.bills.edit(till.account, day, "late", published_at=next_day(day, time(15)))
    forward_until_published(day)
    kind = till.setup.bill_type
    if name == "alipay":
        assert fetch_bill(till.account, kind, day).state == "none"
    else:
        with pytest.raises(BillNotReady):
            fetch_bill(till.account, kind, day)
    forward_to(15, 1)
    assert fetch_bill(till.account, kind, day).state == "read"


@pytest.mark.parametrize("name", ["wechat", "alipay"])
def test_a_cut_file_is_not_whole(till_of, name):
    till = till_of(name)
    day = forward_to(12)
    till.paid()
    till.sandbox.bills.edit(till.account, day, "cut")
    forward_until_published(day)
    assert fetch_bill(till.account, "trade", day).is_whole is False
    assert BillFile.objects.count() == 1
