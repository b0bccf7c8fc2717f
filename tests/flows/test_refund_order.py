"""Recording a refund request, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from scanforpay_django import clock
from scanforpay_django.exceptions import PlatformTimeout
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import Order, Refund
from tests.merchant import Merchant
from tests.paid_order import figures, order, quick, refund
from tests.scripted import Platform, platform

__all__ = ["order", "platform", "quick"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_20_parallel_identical_refunds_make_one(merchant: Merchant, order: Order, platform: Platform) -> None:
    def ask(_n: int) -> int:
        try:
            return refund(merchant)["code"]
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(ask, range(20))) == {1}
    Refund.objects.update(next_at=clock.now() - timedelta(seconds=1))
    poll_platforms()
    assert list(platform.refunds.values()) == [700]
    assert figures() == (700, 700, 0)


def test_an_equal_wish_that_comes_later_waits_for_the_first(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    """A shop that never got its answer asks again under another number: nothing may tell it from a second wish."""
    platform.script["refund"] = PlatformTimeout()
    refund(merchant)
    Refund.objects.update(answered_at=None)
    assert refund(merchant, "r2")["code"] == 1
    Refund.objects.filter(refund_no="r1").update(created_at=clock.now() - timedelta(seconds=10))
    assert refund(merchant, "r3")["code"] == 32
    assert figures() == (0, 0, 1400)
