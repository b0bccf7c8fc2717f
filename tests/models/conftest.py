"""Payments and refunds in every state."""

from typing import Any

import pytest

from scanforpay_django import clock
from scanforpay_django.models import Order, Payment
from tests.merchant import Merchant


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
        "expires_at": clock.now(),
    }
    return {state: Payment.objects.create(state=state, **columns) for state in Payment.State.values}
