"""What a platform is asked comes from the payment's row."""

import pytest

from scanforpay_django.flows.payment_request import make_payment_request
from scanforpay_django.models import Payment
from tests.merchant import Merchant, new_order
from tests.scripted import Platform, platform, start

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_the_same_request_is_made_again_whatever_changed_since(
    merchant: Merchant, platform: Platform, settings
) -> None:
    start(new_order(merchant), "a")
    first = make_payment_request(Payment.objects.get())
    assert (first.amount, first.currency, first.title) == (2100, "CNY", "一杯乌龙茶")
    settings.SCANFORPAY_BASE_URL = "https://other.example"
    merchant.store.name = "other"
    merchant.store.save()
    assert make_payment_request(Payment.objects.get()) == first


def test_a_payment_that_needs_no_payer_names_none(merchant: Merchant, platform: Platform) -> None:
    start(new_order(merchant), "a")
    Payment.objects.update(payer_id="")
    assert make_payment_request(Payment.objects.get()).payer is None
