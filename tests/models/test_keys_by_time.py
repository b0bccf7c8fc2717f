"""Where in a table a moment lies."""

from datetime import timedelta

import pytest
from django.utils import timezone

from scanforpay_django.models import HandlerCall
from scanforpay_django.models.keys_by_time import NEAR, find_first_key
from tests.rows import Rows

pytestmark = pytest.mark.django_db


def test_no_newer_row_is_below_the_key(rows: Rows) -> None:
    now, order = timezone.now(), rows.order("")
    assert find_first_key(HandlerCall, "created_at", now) == 0
    number = 4 * NEAR
    made = HandlerCall.objects.bulk_create(
        HandlerCall(order=order, event="paid", handler=f"h{age}", created_at=now - timedelta(hours=age))
        for age in reversed(range(number))
    )
    assert len(made) == number
    for hours in (0, 1, NEAR, 3 * NEAR, number - 1, number + 9):
        moment = now - timedelta(hours=hours)
        first = find_first_key(HandlerCall, "created_at", moment)
        older, newer = (
            HandlerCall.objects.filter(created_at__lt=moment),
            HandlerCall.objects.filter(created_at__gte=moment),
        )
        assert not newer.filter(pk__lt=first).exists()
        assert older.filter(pk__gte=first).count() <= NEAR
