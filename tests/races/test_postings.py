"""Several workers post at the same moment, and money moves meanwhile."""

import pytest

from scanforpay_django.books.follow import PostingFollower
from scanforpay_django.books.postings import post_orders
from scanforpay_django.models import Order, Posting
from tests.books.ledger import balances, lines, post
from tests.merchant import STORE_NO, Merchant
from tests.operations.figures.calendar import make, open_page, pay
from tests.operations.figures.calendar import refund as refunded
from tests.races.test_races import together
from tests.threads import raced

pytestmark = [pytest.mark.row_locks, pytest.mark.django_db(transaction=True), pytest.mark.slow]

THREADS = 8
ORDERS = 12


def test_many_workers_post_each_payment_once(merchant: Merchant) -> None:
    merchant.store.wallet_accounts.update(fee_rate="0.006")
    for _number in range(ORDERS):
        pay(open_page(make(merchant.store)))
    raced(THREADS, PostingFollower())
    assert sorted(lines()) == sorted(
        ["collected 1: orders > platform 2100", "fee 1: platform > fees 13"] * ORDERS
    )


def test_the_same_orders_are_posted_by_one(merchant: Merchant) -> None:
    for _number in range(ORDERS):
        pay(open_page(make(merchant.store)))
    pks = list(Order.objects.values_list("pk", flat=True))
    assert sorted(raced(THREADS, lambda: post_orders(pks))) == [0] * (THREADS - 1) + [ORDERS]


def test_payments_and_refunds_that_arrive_meanwhile_are_posted_in_the_end(merchant: Merchant) -> None:
    payments = [open_page(make(merchant.store)) for _number in range(ORDERS)]
    worker = PostingFollower()

    def shop() -> None:
        for payment in payments:
            pay(payment)
            payment.refresh_from_db()
            refunded(payment, 700)

    failed = [
        one
        for one in together(shop, *[lambda: post(worker), lambda: post()] * 3)
        if isinstance(one, Exception)
    ]
    assert failed == []
    post(worker)
    assert balances() == {
        f"orders:store:{STORE_NO} CNY": -1400 * ORDERS,
        "platform:Wechat:#:CNY CNY": 1400 * ORDERS,
    }
    assert Posting.objects.count() == 3 * ORDERS
