"""A platform that does not answer holds up nothing of another one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from scanforpay_django import clock
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import Order, Payment, Refund
from scanforpay_django.sandbox.pay_page import CustomerError
from tests.platform import open_payment
from tests.transport.zoo import closed_port
from tests.wallets.conftest import Till

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.sqlite]
LIMIT = 5


@pytest.fixture
def till(till_of: Callable[[str], Till], settings: Any) -> Till:
    """An Alipay till whose shop also takes WeChat Pay, which cannot be reached."""
    till = till_of("alipay")
    till.merchant.store.wallet_accounts.filter(wallet="Wechat").delete()
    account = till.sandbox.wechat_account(till.merchant.store)
    dead = {"api": f"http://127.0.0.1:{closed_port()}"}
    settings.SCANFORPAY_PLATFORM_HOSTS = {account.environment: {"Wechat": dead}}
    return till


def at_the_dead_platform(till: Till, state: str = Payment.State.OPEN, **more: Any) -> list[Payment]:
    """More than one sweep looks at, and due before all others."""
    payments = [open_payment(till.merchant, "Wechat") for _ in range(2 * LIMIT)]
    long_ago = clock.now() - timedelta(hours=2)
    mine = Payment.objects.filter(pk__in=[payment.pk for payment in payments])
    mine.update(state=state, next_query_at=long_ago, **more)
    return payments


def sweeps() -> None:
    for _ in range(2):
        poll_platforms(limit=LIMIT)


def test_a_missed_notification_is_found(till: Till) -> None:
    order = till.order()
    till.sandbox.fault("notify-never")
    till.sandbox.fault("http-500", operation="query", count=99)
    with pytest.raises(CustomerError):
        till.pay(order, timeout=1)
    till.sandbox.clear_faults()
    order.payments.update(next_query_at=clock.now() - timedelta(hours=1))
    at_the_dead_platform(till)
    sweeps()
    order.refresh_from_db()
    assert order.state == "paid"


def test_an_order_expires(till: Till) -> None:
    order = till.order()
    payments = at_the_dead_platform(till)
    long_ago = clock.now() - timedelta(hours=2)
    Order.objects.filter(payments__in=payments).update(expires_at=long_ago)
    Order.objects.filter(pk=order.pk).update(expires_at=long_ago + timedelta(hours=1))
    sweeps()
    order.refresh_from_db()
    assert order.state == "expired"
    assert not Order.objects.filter(payments__in=payments).exclude(state="pending").exists()


def test_a_refund_is_carried_out(till: Till) -> None:
    paid = till.paid()
    for payment in at_the_dead_platform(till, Payment.State.PAID, paid_amount=2100, paid_currency="CNY"):
        refund_of(payment, clock.now() - timedelta(hours=2))
    refund = refund_of(paid, clock.now() - timedelta(hours=1))
    sweeps()
    refund.refresh_from_db()
    assert refund.state == "succeeded"


def refund_of(payment: Payment, due: Any) -> Refund:
    Payment.objects.filter(pk=payment.pk).update(reserved_amount=100)
    return Refund.objects.create(
        partner_id=payment.order.partner_id,
        order=payment.order,
        payment=payment,
        kind=Refund.Kind.ORDER,
        amount=100,
        currency="CNY",
        next_at=due,
    )
