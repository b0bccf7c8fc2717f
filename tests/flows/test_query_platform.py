"""Querying a platform about a payment."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from scanforpay_django.exceptions import PlatformTimeout
from scanforpay_django.models import Payment
from scanforpay_django.wallets.base import PaymentResult
from tests.merchant import Merchant
from tests.platform import open_payment
from tests.scripted import Platform, platform

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_polls_do_not_pile_up_behind_a_hanging_platform(merchant: Merchant, platform: Platform) -> None:
    payment = open_payment(merchant, "Wechat")
    asked, go_on = [], threading.Event()

    def query(number: str) -> PaymentResult:
        asked.append(number)
        go_on.wait(20)
        raise PlatformTimeout

    platform.script["query"] = query

    def poll(_number: int) -> int:
        try:
            return Client().get(f"/api/jspay/pay/{payment.order.token}/status").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(poll, 0)
        while not asked:
            first.exception(timeout=None) if first.done() else None
        # Six seconds later the first still hangs, and the others do not ask.
        Payment.objects.filter(pk=payment.pk, queried_at__lte=timezone.now()).update(queried_at=None)
        assert list(pool.map(poll, range(5))) == [200] * 5
        go_on.set()
        assert first.result() == 200
    assert len(asked) == 1
