"""Notifications and endpoints: what their rows say."""

import pytest
from django.db import IntegrityError, transaction

from scanforpay_django.models import Endpoint, Notification
from tests.rows import Rows


@pytest.mark.django_db
def test_an_order_has_one_notification_that_it_is_paid(rows: Rows) -> None:
    first = rows.notification("https://shop.example/n")
    with pytest.raises(IntegrityError), transaction.atomic():
        Notification.objects.create(
            order=first.order, partner=first.partner, url="u", endpoint="e", content="{}"
        )
    assert first.message_id.startswith("msg_")


def test_an_endpoints_rate_and_median_are_of_its_last_attempts() -> None:
    endpoint = Endpoint()
    assert (endpoint.success_rate, endpoint.median_ms) == (None, None)
    endpoint.recent = [30, 10, -1 - 500, 20]
    assert (endpoint.success_rate, endpoint.median_ms) == (0.75, 20)
