"""A visit knows the addresses of its order."""

import pytest

from scanforpay_django.cashier.visit import make_visit
from scanforpay_django.models import Order
from tests.merchant import Merchant

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_the_views_of_a_page_lie_below_it(merchant: Merchant, rf) -> None:
    from django.urls import reverse

    merchant.create()
    order = Order.objects.get()
    visit = make_visit(rf.get("/"), order, order.token)
    for name in ("pay", "status", "go", "return", "leave"):
        assert visit.url(name) == reverse(f"scanforpay:{name}", args=[order.token])
