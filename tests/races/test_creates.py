"""Many creates of one number at once, on either database."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from scanforpay_django.models import Order
from tests.merchant import Merchant

pytestmark = pytest.mark.django_db(transaction=True)


def together(merchant: Merchant, bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers to calls that all start at once."""
    barrier = threading.Barrier(len(bodies))

    def create(body: dict[str, Any]) -> dict[str, Any]:
        try:
            barrier.wait(timeout=30)
            return merchant.create(**body)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(create, bodies))


def test_20_parallel_identical_creates_make_one_order(merchant: Merchant) -> None:
    for number in range(5):
        answers = together(merchant, [{"partnerOrderNo": f"same{number}"}] * 20)
        assert all(answer == answers[0] and answer["code"] == 1 for answer in answers)
    assert Order.objects.count() == 5


def test_parallel_creates_with_other_content_make_one_order(merchant: Merchant) -> None:
    bodies = [{"partnerOrderNo": "p1", "orderAmount": 100 + n} for n in range(8)]
    answers = together(merchant, bodies)
    assert sorted(answer["code"] for answer in answers) == [1] + [31] * 7
    assert Order.objects.count() == 1
