"""A bill's fees are in the figures of its days."""

import pytest

from scanforpay_django.models import Store
from scanforpay_django.operations.figures.bill_days import post_bills
from tests.books.bills import account_of
from tests.books.fee_bills import NOON, bring, line
from tests.merchant import Merchant
from tests.operations.figures.calendar import At, at, figures, follow, make, open_page, pay, snapshot, store

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db(transaction=True)


def fees() -> dict[str, tuple[int, ...]]:
    return figures("paid_count", "fee_amount", "expected_fee_count")


def test_days_are_counted_again(merchant: Merchant, store: Store, at: At) -> None:
    at(NOON)
    merchant.store.wallet_accounts.update(fee_rate="0.006")
    payments = [open_page(make(Store.objects.get(pk=store.pk))) for _number in range(2)]
    for payment in payments:
        pay(payment)
        payment.refresh_from_db()
    follow()
    assert fees() == {"2026-11-01 Wechat CNY": (2, 26, 2)}
    at("2026-11-02 10:05:00")
    bring(account_of(merchant), [line(payments[0], "0.12600"), line(payments[1], "0.20")])
    assert post_bills() is True
    assert fees() == {"2026-11-01 Wechat CNY": (2, 33, 0)}
    before = snapshot()
    assert post_bills() is False
    follow()
    assert snapshot() == before


def test_nothing_is_done_without_a_bill(store: Store) -> None:
    assert post_bills() is False
