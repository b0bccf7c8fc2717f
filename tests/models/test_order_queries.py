"""Finding orders."""

from datetime import timedelta

import pytest
from django.utils import timezone

from scanforpay_django.models import Order
from tests.merchant import Merchant


@pytest.mark.django_db
def test_overdue_orders_are_pending_and_past_their_time(merchant: Merchant) -> None:
    now = timezone.now()
    for number, state, expires_at in (
        ("overdue", "pending", now),
        ("in-time", "pending", now + timedelta(seconds=1)),
        ("paid", "paid", now),
        ("expired", "expired", now),
    ):
        merchant.create(partnerOrderNo=number)
        Order.objects.filter(partner_order_no=number).update(state=state, expires_at=expires_at)
    assert [order.partner_order_no for order in Order.objects.overdue(now)] == ["overdue"]
