"""Finding the refunds that are unfinished."""

import pytest

from scanforpay_django.models import Payment, Refund
from tests.merchant import Merchant

pytestmark = pytest.mark.django_db


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
