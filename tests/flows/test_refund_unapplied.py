"""Payments that were not applied are refunded."""

import pytest

from scanforpay_django.flows.apply_payment import apply_payment
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import Flag, Order, Payment
from tests.causes import NOTIFICATION
from tests.merchant import Merchant
from tests.paid_order import order, paid, quick
from tests.scripted import Platform, platform, start

__all__ = ["order", "platform", "quick"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_late_and_surplus_money_goes_back_by_itself(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    merchant.create(partnerOrderNo="p2")
    late = Order.objects.get(partner_order_no="p2")
    number = start(late, "a").params["number"]
    Order.objects.filter(pk=late.pk).update(state="expired")
    platform.pay(number)
    apply_payment(Payment.objects.get(out_trade_no=number), paid(number), NOTIFICATION)
    poll_platforms()
    late.refresh_from_db()
    made = late.refunds.get()
    assert (late.state, late.refunded_amount, made.kind, made.state) == ("expired", 0, "late", "succeeded")
    assert Flag.objects.get(order=late).kind == "late_payment"
