"""Races with real threads on a real PostgreSQL: SQLite hides them."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.flows.apply_payment import ApplyOutcome, apply_payment
from scanforpay_django.flows.close_order import close_order
from scanforpay_django.models import Flag, Notification, Order, OrderEvent, Payment, PlatformNotification
from scanforpay_django.models.cause import PLATFORM_QUERY
from scanforpay_django.wallets.base import PaymentResult, TradeState
from tests.causes import NOTIFICATION, PAGE
from tests.merchant import Merchant
from tests.platform import AlipayNotice, WeChatNotice, give_credentials, open_payment

pytestmark = [pytest.mark.row_locks, pytest.mark.django_db(transaction=True), pytest.mark.slow]

THREADS = 8
ORDERS = 200


@pytest.fixture
def merchant(merchant: Merchant) -> Merchant:
    """With keys on both sides."""
    give_credentials(merchant)
    return merchant


def together(*jobs: Callable[[], Any]) -> list[Any]:
    """Run the jobs in threads that all start at once; their results in order, exceptions as values."""
    barrier = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=30)
            return job()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def paid(payment: Payment, **changes: Any) -> PaymentResult:
    """The platform's word that it is paid."""
    made = {
        "out_trade_no": payment.out_trade_no,
        "state": TradeState.PAID,
        "amount": payment.amount,
        "currency": payment.currency,
        "trade_no": f"t{payment.pk}",
        **changes,
    }
    return PaymentResult(**made)


@pytest.mark.parametrize(("wallet", "notice"), [("Wechat", WeChatNotice), ("Alipay", AlipayNotice)])
def test_8_times_200_identical_notifications_settle_200_orders_once(
    merchant: Merchant, wallet: str, notice: type
) -> None:
    payments = [open_payment(merchant, wallet, notifyUrl="https://shop.example/n") for _ in range(ORDERS)]

    def told(payment: Payment) -> Any:
        if wallet == "Wechat":
            return WeChatNotice(payment, event_id=f"EV-{payment.pk}")
        return AlipayNotice(payment, changes={"notify_id": f"ali-{payment.pk}"})

    def deliver() -> set[int]:
        client = Client()
        return {told(payment).send(client=client).status_code for payment in payments}

    assert together(*[deliver] * THREADS) == [{200}] * THREADS
    assert Order.objects.filter(state="paid").count() == ORDERS
    assert Payment.objects.filter(is_applied=True, state="paid").count() == ORDERS
    assert OrderEvent.objects.filter(to_state="paid").count() == ORDERS
    assert Notification.objects.count() == ORDERS
    assert PlatformNotification.objects.count() == ORDERS
    assert not Flag.objects.exists()


def test_a_notification_and_a_query_answer_settle_once(merchant: Merchant) -> None:
    for _ in range(30):
        payment = open_payment(merchant, "Wechat", notifyUrl="https://shop.example/n")
        results = together(
            lambda payment=payment: apply_payment(payment, paid(payment), PLATFORM_QUERY),
            lambda payment=payment: WeChatNotice(payment, event_id=f"EV-{payment.pk}").send().status_code,
        )
        assert results[0] in (ApplyOutcome.APPLIED, ApplyOutcome.ALREADY_APPLIED)
        assert results[1] == 200
        assert payment.order.events.count() == 1
        assert payment.order.notifications.count() == 1


def test_two_payments_of_one_order_settle_it_once(merchant: Merchant) -> None:
    for number in range(30):
        same = {"partnerOrderNo": f"twice{number}", "notifyUrl": "https://shop.example/n"}
        one, two = open_payment(merchant, "Wechat", **same), open_payment(merchant, "Wechat", **same)
        results = together(
            lambda one=one: apply_payment(one, paid(one), NOTIFICATION),
            lambda two=two: apply_payment(two, paid(two), NOTIFICATION),
        )
        assert sorted(map(str, results)) == ["applied", "duplicate"]
        assert Payment.objects.filter(order=one.order, is_applied=True).count() == 1
        assert Notification.objects.filter(order=one.order).count() == 1
        assert Flag.objects.get(order=one.order).kind == "duplicate_payment"


def test_paying_and_closing_end_in_one_truth(merchant: Merchant) -> None:
    outcomes = set()
    for _ in range(60):
        made = merchant.create(notifyUrl="https://shop.example/n")
        order = Order.objects.get(order_no=made["orderNo"])
        payment = open_payment_closed(merchant, order)
        jobs = [
            lambda order=order: close_order(order, PAGE),
            lambda payment=payment: apply_payment(payment, paid(payment), NOTIFICATION),
        ]
        random.shuffle(jobs)
        for result in together(*jobs):
            assert not isinstance(result, Exception) or isinstance(result, ScanForPayError), result
        order.refresh_from_db()
        outcomes.add(order.state)
        is_paid = order.state == "paid"
        assert order.state in ("paid", "closed")
        assert order.notifications.count() == is_paid
        assert order.payments.filter(is_applied=True).count() == is_paid
        assert order.flags.count() == (not is_paid)
        assert order.events.filter(to_state=order.state).count() >= 1
    assert outcomes


def open_payment_closed(merchant: Merchant, order: Order) -> Payment:
    """A payment that the platform called closed: nothing is left to ask, and it may still turn out paid."""
    return Payment.objects.create(
        order=order,
        account=merchant.store.wallet_accounts.get(wallet="Wechat"),
        wallet="Wechat",
        product="jsapi",
        state=Payment.State.CLOSED,
        amount=order.amount,
        currency=order.currency,
        expires_at=order.expires_at,
    )


def test_only_one_of_many_requests_is_sent_back_to_the_shop(merchant: Merchant) -> None:
    made = merchant.create(returnUrl="https://shop.example/done")
    Order.objects.update(state="paid")
    path = made["payUrl"].removeprefix("http://localhost:8000")
    client = Client()
    client.get(path)

    def back() -> bool:
        other = Client()
        other.cookies = client.cookies
        return b"shop.example" in other.get(f"{path}/return").content

    assert sum(together(*[back] * 8)) == 1
