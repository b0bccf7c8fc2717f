"""The timeline in words."""

from typing import Any

import pytest
from django.contrib import admin
from django.utils.translation import override

from scanforpay_django.admin.order_event import EventInline
from scanforpay_django.models import Order, OrderEvent
from tests.merchant import Merchant, new_order


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({"amount": 700}, "amount: CNY 7.00"),
        ({"amount": 700, "currency": "HKD"}, "amount: HKD 7.00"),
        ({"refund_no": "r1", "refund": "", "kind": None}, "merchant&#x27;s refund number: r1"),
        ({"flag": "late_payment"}, "flag: paid after it was closed or expired"),
        ({"reason": "<b>"}, "reason: &lt;b&gt;"),
        ({"of_a_later_version": 1}, "of_a_later_version: 1"),
    ],
)
def test_details_have_labels(merchant: Merchant, data: dict[str, Any], shown: str) -> None:
    event = OrderEvent(order=new_order(merchant), data=data, from_state="pending", to_state="pending")
    inline = EventInline(Order, admin.site)
    with override("en"):
        assert inline.details(event).replace("&#39;", "&#x27;") == shown
        assert inline.step(event) == ""
