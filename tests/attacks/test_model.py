"""A stateful platform with delays and faults, customers, closers and sweeps at once; then the invariants.

1. money that the platform has is money that we have;  2. no trade is payable whose order is over;
3. paid <=> one settling payment;  4. told <=> paid;  5. nothing is stuck once the platform is back;
6. no order is paid twice at the platform.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from scanforpay_django import clock
from scanforpay_django.exceptions import PlatformRefused, ScanForPayError
from scanforpay_django.flows.apply_payment import apply_payment
from scanforpay_django.flows.close_order import close_order
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import Order, Payment
from scanforpay_django.wallets.base import PaymentResult, TradeState
from tests.causes import NOTIFICATION, PAGE
from tests.merchant import Merchant
from tests.scripted import Platform, platform, start

__all__ = ["platform"]
pytestmark = [pytest.mark.row_locks, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ORDERS = 60


def order_of(merchant: Merchant) -> Order:
    return Order.objects.get(order_no=merchant.create(notifyUrl="https://shop.example/n")["orderNo"])


def customer(platform: Platform, order: Order, who: str) -> None:
    """Opens the page, pays after a while; the platform tells us most of the time, and then twice."""
    number = start(order, who).params["number"]
    time.sleep(random.random() * 0.05)
    if not platform.pay(number) or random.random() > 0.7:
        return
    payment = Payment.objects.get(out_trade_no=number)
    result = PaymentResult(
        out_trade_no=number, state=TradeState.PAID, amount=2100, currency="CNY", trade_no=f"t{number}"
    )
    for _ in range(2):
        apply_payment(payment, result, NOTIFICATION)


def at_once(jobs: list[Callable[[], object]]) -> list[str]:
    """What went wrong that should not."""

    def run(job: Callable[[], object]) -> str:
        try:
            time.sleep(random.random() * 0.05)
            job()
        except ScanForPayError:
            return ""
        except Exception as error:
            return repr(error)
        finally:
            connection.close()
        return ""

    random.shuffle(jobs)
    with ThreadPoolExecutor(len(jobs)) as pool:
        return [trouble for trouble in pool.map(run, jobs) if trouble]


def let_time_pass(order: Order) -> None:
    """The platform is back, the order's time and the attempts' are up, sweeps run."""
    for _ in range(3):
        Payment.objects.filter(order=order, state__in=Payment.UNFINISHED).update(
            next_query_at=clock.now(), expires_at=clock.now() - timedelta(minutes=6)
        )
        Order.objects.filter(pk=order.pk).update(expires_at=clock.now() - timedelta(minutes=1))
        poll_platforms()


def broken(platform: Platform, order: Order) -> Iterator[Any]:
    """The invariants that do not hold."""
    order.refresh_from_db()
    payments = list(order.payments.all())
    there = [(payment.state, platform.trades.get(payment.out_trade_no)) for payment in payments]
    settling = sum(payment.is_applied for payment in payments)
    if any(state == "paid" and ours != "paid" for ours, state in there):
        yield "money not seen", there
    if order.state != "pending" and any(state == "open" for _ours, state in there):
        yield "payable though the order is over", order.state, there
    if (order.state == "paid") != (settling == 1):
        yield "settling", settling, order.state
    if order.notifications.count() != (order.state == "paid"):
        yield "told", order.state
    if order.state == "pending":
        yield "stuck", there
    if sum(state == "paid" for _ours, state in there) > 1:
        yield "paid twice", there


@pytest.mark.parametrize("faults", [0.0, 0.15])
def test_the_invariants_hold_whatever_happens(merchant: Merchant, platform: Platform, faults: float) -> None:
    platform.slow_seconds = 0.02
    for _ in range(ORDERS):
        order = order_of(merchant)
        platform.faults = faults
        trouble = at_once(
            [
                lambda order=order: customer(platform, order, "a"),
                lambda order=order: customer(platform, order, "a"),
                lambda order=order: customer(platform, order, "b"),
                lambda order=order: close_order(order, PAGE),
                lambda order=order: close_order(order, PAGE),
                poll_platforms,
            ]
        )
        assert trouble == []
        platform.faults = 0
        let_time_pass(order)
        assert list(broken(platform, order)) == []


def test_a_refused_second_call_does_not_hide_the_first(merchant: Merchant, platform: Platform) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def create(real: Callable[[], Any]) -> Any:
        if begun.is_set():
            raise PlatformRefused("RULE_LIMIT")
        begun.set()
        go_on.wait(20)
        return real()

    platform.script["create"] = create
    order = order_of(merchant)

    def tab() -> object:
        try:
            return start(order, "a")
        except ScanForPayError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(tab)
        begun.wait(20)
        assert isinstance(pool.submit(tab).result(), PlatformRefused)
        go_on.set()
        first.result()
    close_order(order, PAGE)
    order.refresh_from_db()
    assert (order.state, set(platform.trades.values())) == ("closed", {"closed"})
