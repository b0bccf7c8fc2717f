"""Closing a payment at its platform."""

import pytest

from scanforpay_django.exceptions import PlatformUnreachable
from scanforpay_django.flows.close_order import close_order
from tests.causes import PAGE
from tests.merchant import Merchant, new_order
from tests.scripted import Platform, platform, start

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_who_never_got_a_payment_may_leave(merchant: Merchant, platform: Platform) -> None:
    order = new_order(merchant)
    platform.script["create"] = PlatformUnreachable()
    with pytest.raises(PlatformUnreachable):
        start(order, "a")
    platform.script.clear()
    close_order(order, PAGE)
    order.refresh_from_db()
    assert (order.state, list(platform.trades.values())) == ("closed", ["closed"])
