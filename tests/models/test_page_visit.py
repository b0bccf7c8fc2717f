"""Where pay pages were opened."""

from datetime import timedelta

import pytest
from django.test import Client

from scanforpay_django import clock
from scanforpay_django.models import PageVisit
from scanforpay_django.operations.housekeeping import forget_visits
from tests.merchant import Merchant, new_order

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"


def visits() -> list[tuple[str, int]]:
    return list(PageVisit.objects.order_by("pk").values_list("channel", "times"))


def test_a_row_for_each_channel_counts_browsers(merchant: Merchant) -> None:
    place = new_order(merchant).pay_url
    path = place[place.index("/", 8) :]
    phone, computer = Client(headers={"user-agent": PHONE}), Client()
    for browser in (phone, phone, computer, computer, Client(headers={"user-agent": PHONE})):
        assert browser.get(path).status_code == 200
    assert visits() == [("mobile", 2), ("desktop", 1)]


def test_old_ones_go(merchant: Merchant, settings) -> None:
    order = new_order(merchant)
    for channel in ("old", "older", "new"):
        PageVisit.objects.record(order, channel)
    PageVisit.objects.exclude(channel="new").update(opened_at=clock.now() - timedelta(days=400))
    assert forget_visits(limit=1) is True
    assert forget_visits() is False
    assert visits() == [("new", 1)]
