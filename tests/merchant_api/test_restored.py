"""Signed requests from before a restore are refused, by every name and zone of their time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from scanforpay_django import clock
from scanforpay_django.models import Order, RestoreMark
from scanforpay_django.models.restore_cache import restored_at
from tests.merchant import Merchant, order_body

pytestmark = pytest.mark.django_db(transaction=True)
ZONES: dict[str, Callable[[datetime], str]] = {
    "utc": lambda moment: moment.astimezone(UTC).isoformat(timespec="seconds"),
    "z": lambda moment: f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%Sz}",
    "east": lambda moment: moment.astimezone(timezone(timedelta(hours=14))).isoformat(timespec="seconds"),
}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("name", ["reqTime", "requestTime"])
def test_an_order_of_before_is_not_made_again(merchant: Merchant, zone: str, name: str) -> None:
    times = {"reqTime": None, name: ZONES[zone](clock.host_now() - timedelta(seconds=5))}
    RestoreMark.objects.create(backup_from=clock.now() - timedelta(hours=1))
    restored_at.forget()
    body = order_body(partnerOrderNo="p1")
    assert merchant.call("/api/jspay/create", body, **times)["code"] == 3
    assert not Order.objects.exists()
    times[name] = ZONES[zone](clock.host_now() + timedelta(seconds=2))
    assert merchant.call("/api/jspay/create", body, **times)["code"] == 1
