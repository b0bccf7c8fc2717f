"""The expected fee; tests/books/test_postings.py has it in the ledger."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanforpay_django.books.fees import annotate_fees, compute_fee, compute_returned_fee, sum_fees
from scanforpay_django.books.postings import post_orders
from scanforpay_django.models import Payment, Posting, Store, WalletAccount
from tests.books.ledger import post
from tests.operations.figures.calendar import make, open_page, pay, refund, store

__all__ = ["store"]
RATE = Decimal("0.00600")


def test_half_a_unit_is_rounded_up() -> None:
    assert [compute_fee(amount, Decimal("0.5")) for amount in (1, 2, 3)] == [1, 1, 2]


def test_of_more_than_there_was_no_more_comes_back() -> None:
    assert compute_returned_fee(1000, -500, RATE) == compute_fee(1000, RATE)


@pytest.mark.django_db
def test_the_fee_of_a_payment_is_less_what_came_back(store: Store) -> None:
    WalletAccount.objects.filter(wallet="Wechat").update(fee_rate=RATE)
    payments = [open_page(make(store, wallet=wallet)) for wallet in ("Wechat", "Wechat", "Alipay")]
    for payment in payments:
        pay(payment)
    payments[0].refresh_from_db()
    refund(payments[0], 700)

    def known() -> list[int | None]:
        return list(annotate_fees(Payment.objects.order_by("pk")).values_list("known_fee", flat=True))

    assert known() == [None, None, None]
    post()
    assert known() == [8, 13, None]
    (row,) = sum_fees(Posting.objects.all(), "currency")
    assert row == {"currency": "CNY", "fees": 21, "expected": 2}


@pytest.mark.django_db
def test_what_was_reversed_is_no_fee(store: Store) -> None:
    WalletAccount.objects.update(fee_rate=RATE)
    payment = open_page(make(store))
    pay(payment)
    post()
    Payment.objects.update(paid_amount=1000)
    post_orders([payment.order_id])
    assert annotate_fees(Payment.objects.all()).get().known_fee == 6


@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=9),
    st.decimals(0, Decimal("0.5"), places=5),
)
def test_refunds_in_part_bring_back_what_was_taken(parts: list[int], rate: Decimal) -> None:
    left, returned = sum(parts), 0
    for part in parts:
        one = compute_returned_fee(left, left - part, rate)
        assert one >= 0
        returned, left = returned + one, left - part
    assert returned == compute_fee(sum(parts), rate)
