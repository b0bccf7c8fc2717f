"""Where in a table a moment lies."""

from datetime import timedelta
from typing import Any

import pytest

from scanforpay_django import clock
from scanforpay_django.models import HandlerCall
from scanforpay_django.models.keys_by_time import NEAR, KeySearch, find_end_key, find_first_key
from tests.rows import Rows

pytestmark = pytest.mark.django_db


def test_no_newer_row_is_below_the_key(rows: Rows) -> None:
    now, order = clock.now(), rows.order("")
    assert find_first_key(HandlerCall, "created_at", now) == 0
    assert find_end_key(HandlerCall, "created_at", now) == 0
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
        end = find_end_key(HandlerCall, "created_at", moment)
        assert not older.filter(pk__gte=end).exists()
        assert newer.filter(pk__lt=end).count() <= NEAR


def test_few_statements_find_it(rows: Rows, django_assert_max_num_queries: Any) -> None:
    now, order = clock.now(), rows.order("")
    first = HandlerCall.objects.create(
        order=order, event="paid", handler="h", created_at=now - timedelta(days=9)
    )
    last = first.pk + 30_000_000
    HandlerCall.objects.create(pk=last, order=order, event="paid", handler="g", created_at=now)
    for find in (find_first_key, find_end_key):
        with django_assert_max_num_queries(4):
            found = find(HandlerCall, "created_at", now - timedelta(days=1))
        assert first.pk <= found <= last + 1


def test_two_ends_that_lie_near_are_found_with_hardly_more_than_one(
    rows: Rows, django_assert_max_num_queries: Any
) -> None:
    now, order = clock.now(), rows.order("")
    first = HandlerCall.objects.create(
        order=order, event="paid", handler="h", created_at=now - timedelta(days=9)
    )
    HandlerCall.objects.create(
        pk=first.pk + 30_000_000, order=order, event="paid", handler="g", created_at=now
    )
    search = KeySearch(HandlerCall, "created_at")
    with django_assert_max_num_queries(4):
        assert search.find_first(now - timedelta(days=2)) <= search.find_end(now - timedelta(days=1))
