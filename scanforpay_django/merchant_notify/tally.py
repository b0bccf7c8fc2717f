"""Statistics of endpoints, for people."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q

from scanforpay_django.merchant_notify.endpoints import Try, create_endpoints, endpoint_rows, lock_endpoints
from scanforpay_django.models import Endpoint
from scanforpay_django.models.database import atomic
from scanforpay_django.models.moments import database_now

_RECENT = 50


class Tally:
    """Statistics of one process, written from time to time: what a killed process had not written is lost."""

    def __init__(self) -> None:
        self._tries: list[Try] = []

    def add(self, tries: Iterable[Try]) -> None:
        self._tries += tries

    def write(self) -> None:
        """Add what was counted to the rows. Raises the database's errors; it is not counted twice."""
        tries, self._tries = self._tries, []
        if not tries:
            return
        by_endpoint: dict[str, list[Try]] = {}
        for one in tries:
            by_endpoint.setdefault(one.endpoint, []).append(one)
        with atomic():
            rows = lock_endpoints(Q(key__in=list(by_endpoint)))
            missing = by_endpoint.keys() - {row.key for row in rows}
            if missing:
                create_endpoints(one for one in tries if one.endpoint in missing)
                rows += lock_endpoints(Q(key__in=sorted(missing)))
            for row in rows:
                _add(row, by_endpoint[row.key])


def _add(row: Endpoint, tries: Sequence[Try]) -> None:
    done = sum(1 for one in tries if one.verdict)
    # a failed try is its time, mirrored
    recent = [one.duration_ms if one.verdict else -1 - one.duration_ms for one in tries]
    changes: dict[str, Any] = {
        "delivered_count": row.delivered_count + done,
        "failed_count": row.failed_count + len(tries) - done,
        "recent": (row.recent + recent)[-_RECENT:],
    }
    if done:
        changes["delivered_at"] = database_now()
    if done < len(tries):
        changes["failed_at"] = database_now()
    endpoint_rows().filter(pk=row.pk).update(**changes)
