"""Finding the payments that are unfinished."""

import pytest

from scanforpay_django.models import Payment

pytestmark = pytest.mark.django_db


def test_payments(payments: dict[str, Payment]) -> None:
    order = payments["paid"].order
    asked = {payment.state for payment in payments.values() if payment.is_unfinished()}
    assert asked == {"created", "open", "closing"}
    assert set(Payment.objects.unfinished().values_list("state", flat=True)) == asked
    assert set(order.payments.unfinished().values_list("state", flat=True)) == asked
