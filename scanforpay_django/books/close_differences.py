"""Closing differences in a person's name, with a reason."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from scanforpay_django.models import Difference
from scanforpay_django.models.database import atomic

#: differences of one transaction
TOGETHER = 500


def close_differences(rows: "QuerySet[Difference]", *, user_id: Any, reason: str) -> Iterator[Difference]:
    """Close the open ones of ``rows``, and give each that this call has closed. What another person has closed keeps
    its reason. Iterate to the end: a part of them is closed at a time.
    """
    last = 0
    while keys := list(
        rows.filter(closed_at=None, pk__gt=last).order_by("pk").values_list("pk", flat=True)[:TOGETHER]
    ):
        last = keys[-1]
        yield from _close(keys, user_id, reason)


def _close(keys: list[int], user_id: Any, reason: str) -> list[Difference]:
    with atomic():
        # By their keys, so that two people who close the same ones wait for each other.
        locked = Difference.objects.open().filter(pk__in=keys).order_by("pk").select_for_update()
        found = list(locked)
        Difference.objects.filter(pk__in=[row.pk for row in found]).close(user_id=user_id, reason=reason)
    return found
