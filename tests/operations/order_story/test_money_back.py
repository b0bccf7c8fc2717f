"""What of a payment is left."""

import pytest

from scanforpay_django.models import Payment
from scanforpay_django.operations.order_story.money_back import get_left


@pytest.mark.parametrize(
    ("paid", "refunded", "reserved", "left"), [(None, 0, 0, 0), (2100, 0, 0, 2100), (2100, 700, 400, 1000)]
)
def test_what_is_neither_refunded_nor_set_aside(
    paid: int | None, refunded: int, reserved: int, left: int
) -> None:
    payment = Payment(paid_amount=paid, refunded_amount=refunded, reserved_amount=reserved)
    assert get_left(payment) == left
