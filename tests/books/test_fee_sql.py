"""Statements beside a bill's lines; tests/books/test_bill_fees.py has what becomes of them."""

from decimal import ROUND_HALF_UP, Decimal

import pytest

from scanforpay_django import clock, money
from scanforpay_django.books.fee_sql import PAYMENTS, REFUNDS, Window, add_up, find_open
from scanforpay_django.books.keep_bill import note_no_bill
from scanforpay_django.models import BillLine, Payment, Posting
from tests.books.bills import account_of, trade_bill_of
from tests.books.ledger import post
from tests.merchant import Merchant
from tests.operations.figures.calendar import make, open_page, pay, store

__all__ = ["store"]
pytestmark = pytest.mark.django_db

AMOUNTS = ("0", "0.00499", "0.005", "0.00501", "0.5", "1.5", "-0.005", "-0.00499", "-1.49999", "7.79000")


@pytest.mark.parametrize("currency", ["CNY", "JPY", "KWD"])
def test_each_line_is_rounded_half_up(merchant: Merchant, currency: str) -> None:
    account = account_of(merchant)
    bill = note_no_bill(trade_bill_of(account))
    payments = [open_page(make(merchant.store)) for _told in AMOUNTS]
    for payment in payments:
        pay(payment)
    post()
    rows = [
        BillLine(
            file=bill, part=0, line_no=number, kind="payment", out_trade_no=payment.out_trade_no, at=clock.now(),
            amount=1, fee=Decimal(told), fee_currency=currency,
        )
        for number, (payment, told) in enumerate(zip(payments, AMOUNTS, strict=True))
    ]  # fmt: skip
    BillLine.objects.bulk_create(rows)
    keys = BillLine.objects.order_by("pk").values_list("pk", flat=True)
    window = Window(file_id=bill.pk, first=keys[0], last=keys.reverse()[0], accounts=[account])
    step = Decimal(1).scaleb(-money.exponent(currency))
    wanted = [int(Decimal(told).quantize(step, ROUND_HALF_UP) / step) for told in AMOUNTS]
    found = {one.cause_id: one.fee for one in find_open(window, PAYMENTS)}
    assert [found.get(payment.pk, 0) for payment in payments] == wanted
    (sums,) = add_up(window, PAYMENTS)
    assert (sums.line_count, sums.posted_count, sums.rounded) == (10, 10, sum(wanted))
    assert sums.exact == sum(Decimal(told) for told in AMOUNTS).scaleb(5)
    assert add_up(window, REFUNDS) == []
    assert Payment.objects.count() == Posting.objects.count()
