"""Which orders of a restored copy are still to be asked about."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.models import AskedOrder, Order, RestoreMark
from tests.merchant import Merchant, new_order

pytestmark = pytest.mark.django_db


def test_orders_of_the_copy_that_may_have_lost_attempts_are_asked_about_once(merchant: Merchant) -> None:
    assert RestoreMark.objects.newest() is None
    pending, paid, closed = (new_order(merchant) for _ in range(3))
    Order.objects.filter(pk=paid.pk).update(state="paid")
    Order.objects.filter(pk=closed.pk).update(state="closed")
    mark = RestoreMark.objects.create()
    late = new_order(merchant)
    Order.objects.filter(pk=late.pk).update(created_at=clock.now() + timedelta(seconds=5))
    assert list(mark.unasked_orders()) == [pending]
    AskedOrder.objects.create(mark=mark, order=pending)
    assert not mark.unasked_orders().exists()
    again = RestoreMark.objects.create(at=mark.at + timedelta(seconds=1))
    assert RestoreMark.objects.newest() == again
    assert list(again.unasked_orders()) == [pending]
