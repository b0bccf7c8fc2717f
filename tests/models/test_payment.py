"""What is unfinished is one question, asked of rows and of the database alike."""

from typing import Any

import pytest
from django.utils import timezone

from scanforpay_django.models import Order, Payment, Refund
from tests.merchant import Merchant

pytestmark = pytest.mark.django_db


@pytest.fixture
def payments(merchant: Merchant) -> dict[str, Payment]:
    """One payment of every state."""
    order = Order.objects.get(order_no=merchant.create()["orderNo"])
    columns: dict[str, Any] = {
        "order": order,
        "account": merchant.store.wallet_accounts.get(wallet="Wechat"),
        "wallet": "Wechat",
        "product": "jsapi",
        "amount": order.amount,
        "currency": order.currency,
        "expires_at": timezone.now(),
    }
    return {state: Payment.objects.create(state=state, **columns) for state in Payment.State.values}


def test_payments(payments: dict[str, Payment]) -> None:
    order = payments["paid"].order
    asked = {payment.state for payment in payments.values() if payment.is_unfinished()}
    assert asked == {"created", "open", "closing"}
    assert set(Payment.objects.unfinished().values_list("state", flat=True)) == asked
    assert set(order.payments.unfinished().values_list("state", flat=True)) == asked


def test_refunds(payments: dict[str, Payment], merchant: Merchant) -> None:
    payment = payments["paid"]
    refunds = [
        Refund.objects.create(
            partner=merchant.partner,
            order=payment.order,
            payment=payment,
            amount=1,
            currency="CNY",
            state=state,
        )
        for state in Refund.State.values
    ]
    asked = {refund.state for refund in refunds if not refund.is_final()}
    assert asked == set(Refund.State.values) - {"succeeded", "failed"}
    assert set(Refund.objects.unfinished().values_list("state", flat=True)) == asked
    assert set(payment.refunds.unfinished().values_list("state", flat=True)) == asked
