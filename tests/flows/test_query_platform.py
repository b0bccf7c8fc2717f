"""Querying a platform about a payment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from scanforpay_django import clock
from scanforpay_django.exceptions import PlatformTimeout
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import Flag, Order, Payment
from scanforpay_django.wallets.base import PaymentResult, TradeState
from tests.merchant import Merchant
from tests.platform import open_payment
from tests.scripted import Platform, platform, start

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
        Payment.objects.filter(pk=payment.pk, queried_at__lte=clock.now()).update(queried_at=None)
        assert list(pool.map(poll, range(5))) == [200] * 5
        go_on.set()
        assert first.result() == 200
    assert len(asked) == 1


def paid_without_amount(merchant: Merchant, platform: Platform, **changes: object) -> Payment:
    """A payment that the platform calls paid, saying no amount that can be read."""
    merchant.create(partnerOrderNo="p1")
    start(Order.objects.get(), "a")
    platform.pay(next(iter(platform.trades)))
    said = PaymentResult(out_trade_no="", state=TradeState.PAID, trade_no="T1", **changes)
    platform.script["query"] = lambda number: replace(said, out_trade_no=number)
    return Payment.objects.get()


def look_again(payment: Payment, *, expired: bool) -> None:
    """A sweep, before or after the payment's time."""
    shift = timedelta(minutes=-6 if expired else 20)
    Payment.objects.update(next_query_at=clock.now(), expires_at=clock.now() + shift)
    poll_platforms()


def test_a_payment_that_stays_incomplete_past_its_time_raises_one_flag(
    merchant: Merchant, platform: Platform
) -> None:
    payment = paid_without_amount(merchant, platform, amount_text="21,00")
    look_again(payment, expired=False)
    assert not Flag.objects.exists()
    for _ in range(3):
        look_again(payment, expired=True)
    flag = Flag.objects.get()
    assert (flag.kind, flag.details["reported"]) == ("payment_incomplete", "21,00")
    assert payment.order.events.filter(data__flag="payment_incomplete").count() == 1
    assert Order.objects.get().state == "pending"


@pytest.mark.parametrize("currency", ["CNY", ""])
def test_an_amount_without_a_currency_is_read_in_the_payments(
    merchant: Merchant, platform: Platform, currency: str
) -> None:
    payment = paid_without_amount(merchant, platform, amount_text="21.00", currency=currency or None)
    if currency:
        # A message that names its currency is read by its wallet, or not at all.
        look_again(payment, expired=True)
        assert Flag.objects.get().kind == "payment_incomplete"
        return
    look_again(payment, expired=False)
    payment.refresh_from_db()
    assert (payment.paid_amount, payment.is_applied) == (2100, True)
