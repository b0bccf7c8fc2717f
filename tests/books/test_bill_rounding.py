"""A bill's total; tests/books/test_bill_fees.py has its posting."""

import pytest

from scanforpay_django.books.bill_rounding import post_rounding, round_total
from scanforpay_django.books.keep_bill import note_no_bill
from scanforpay_django.models import Posting
from tests.books.bills import account_of, trade_bill_of
from tests.books.ledger import balances
from tests.merchant import Merchant


@pytest.mark.parametrize(
    ("exact", "currency", "minor"),
    [(63_000, "CNY", 63), (500, "CNY", 1), (-500, "CNY", -1), (499, "CNY", 0), (150_000, "JPY", 2)],
)
def test_a_total_is_half_up(exact: int, currency: str, minor: int) -> None:
    assert round_total(exact, currency) == minor


@pytest.mark.django_db
def test_each_currency_of_a_bill_has_its_rounding(merchant: Merchant) -> None:
    bill = note_no_bill(trade_bill_of(account_of(merchant)))
    post_rounding(bill, {"CNY": 63_000, "JPY": 250_000}, {"CNY": 65, "JPY": 2})
    post_rounding(bill, {"CNY": 63_000, "JPY": 250_000}, {"CNY": 65, "JPY": 2})
    assert Posting.objects.count() == 2
    assert balances() == {
        "platform:Wechat:#:CNY CNY": 2,
        "platform:Wechat:#:JPY JPY": -1,
        "rounding:Wechat:# CNY": -2,
        "rounding:Wechat:# JPY": 1,
    }
    post_rounding(bill, {"CNY": 65_000}, {"CNY": 65})
    assert balances() == {}
