"""What may be refunded: a paid order, and never more than was paid."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from scanforpay_django.models import Order
from tests.merchant import Merchant
from tests.paid_order import figures, order, quick, refund
from tests.scripted import Platform, platform

__all__ = ["order", "platform", "quick"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("state", ["pending", "closed", "expired"])
def test_only_paid_orders_are_refunded(
    merchant: Merchant, platform: Platform, quick: None, state: str
) -> None:
    merchant.create(partnerOrderNo="p1")
    Order.objects.update(state=state)
    assert refund(merchant)["code"] == 32


def test_20_parallel_refunds_of_30_percent_make_three(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    barrier = threading.Barrier(20)

    def ask(n: int) -> int:
        try:
            barrier.wait(timeout=30)
            return refund(merchant, f"r{n}", 630)["code"]
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask, range(20)))
    assert sorted(answers) == [1] * 3 + [35] * 17
    assert sum(platform.refunds.values()) == figures()[1] <= 2100
