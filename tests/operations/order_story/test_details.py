"""An event's details in words."""

from typing import Any

import pytest
from django.utils.translation import override

from scanforpay_django.models import OrderEvent
from scanforpay_django.operations.order_story.details import list_details, say_cause


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({"amount": 700}, "amount: CNY 7.00"),
        ({"amount": 700, "currency": "HKD"}, "amount: HKD 7.00"),
        ({"refund_no": "r1", "refund": "", "kind": None}, "merchant's refund number: r1"),
        ({"flag": "late_payment"}, "flag: paid after it was closed or expired"),
        ({"reason": "<b>"}, "reason: <b>"),
        ({"of_a_later_version": 1}, "of_a_later_version: 1"),
    ],
)
def test_details_have_labels(data: dict[str, Any], shown: str) -> None:
    with override("en"):
        assert list(list_details(OrderEvent(data=data), "CNY")) == [shown]


@pytest.mark.parametrize(
    ("source", "shown"),
    [("staff", "by chen.yu (staff)"), ("rule", "automatic (store setting)"), ("of_a_later_version", "")],
)
def test_a_cause_is_named(source: str, shown: str) -> None:
    with override("en"):
        assert say_cause(source, "chen.yu") == shown
