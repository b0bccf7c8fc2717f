"""The signals that a project can listen to."""

import pytest

from scanforpay_django import signals
from scanforpay_django.flows.close_order import close_order
from scanforpay_django.models import Order
from tests.causes import PAGE
from tests.merchant import Merchant, new_order

pytestmark = pytest.mark.django_db(transaction=True)


def test_order_closed_tells_of_a_closed_order(merchant: Merchant) -> None:
    seen = []

    def heard(sender: object, order: Order, **_more: object) -> None:
        seen.append(order.state)

    signals.order_closed.connect(heard)
    try:
        close_order(new_order(merchant), PAGE)
    finally:
        signals.order_closed.disconnect(heard)
    assert seen == ["closed"]
