"""Two people close the same differences, and a comparison finds that they are gone, with real threads."""

from contextlib import suppress
from typing import Any

import pytest
from django.db import connection

from scanforpay_django.books.bill_merchants import find_merchant
from scanforpay_django.books.close_differences import close_differences
from scanforpay_django.books.reconcile import DayIsBusy, compare_again
from scanforpay_django.models import BillDay, Difference, Payment, Store
from scanforpay_django.models.difference import NO_LONGER_THERE
from tests.admin.reconciliation import Scene, make_scene
from tests.operations.figures.calendar import At, at, store
from tests.races.test_staff import take_turns
from tests.threads import raced

__all__ = ["at", "store"]
pytestmark = [pytest.mark.row_locks, pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def scene(store: Store, at: At) -> Scene:
    at("2026-11-28 12:00")
    return make_scene(store)


def close(user_id: int) -> list[int]:
    rows = close_differences(Difference.objects.all(), user_id=user_id, reason=f"by {user_id}")
    return [row.pk for row in rows]


def test_each_difference_is_closed_by_one_person(scene: Scene, django_user_model: Any) -> None:
    people = [django_user_model.objects.create_user(f"p{number}").pk for number in range(4)]
    for _round in range(15):
        Difference.objects.update(closed_at=None, closed_by=None, reason="")
        closed = raced(4, take_turns(*[lambda key=key: close(key) for key in people]))
        keys = [key for own in closed for key in own]
        assert sorted(keys) == sorted(Difference.objects.values_list("pk", flat=True))
        for row in Difference.objects.all():
            assert row.reason == f"by {row.closed_by_id}"


def test_a_person_and_a_comparison(scene: Scene, django_user_model: Any) -> None:
    """Whichever is first says why; nothing is closed twice."""
    person = django_user_model.objects.create_user("ann").pk
    late = scene.late
    day = BillDay.objects.select_related("account__store").get(pk=scene.days[1].pk)

    def compare() -> list[int]:
        with suppress(DayIsBusy):
            compare_again(find_merchant(day.account), day)
        return []

    for _round in range(10):
        Payment.objects.filter(pk=late.pk).update(
            state="paid", paid_amount=4560, paid_currency="CNY", paid_at=late.created_at
        )
        Difference.objects.update(closed_at=None, closed_by=None, reason="")
        results = raced(2, take_turns(compare, lambda: close(person)))
        closed = {key for own in results for key in own}
        row = Difference.objects.get(kind="paid_there_closed_here")
        assert row.reason == (f"by {person}" if row.pk in closed else NO_LONGER_THERE)
        connection.close()
