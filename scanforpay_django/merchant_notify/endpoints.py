"""What is known of each endpoint, counted across workers: the breaker, the slow start after it, statistics.

The breaker opens after five failures in a row that are the endpoint's own (no connection, no answer in time, 5xx).
Then one message at a time finds out whether it is back; the others are put off, which costs them no try. The first
success closes it, and what had waited goes out at ten a second. New messages are not held up by that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from scanforpay_django.merchant_notify.sql import database, fetch, statements
from scanforpay_django.models import Endpoint
from scanforpay_django.models.moments import database_now

OPENS_AFTER = 5
RATE_PER_SECOND = 10.0
MAX_PROBE_PAUSE_SECONDS = 15.0
RECOVERY = timedelta(hours=1)
RECENT = 50


@dataclass(frozen=True, kw_only=True)
class Try:
    """What a try says about its endpoint."""

    endpoint: str
    partner_pk: int
    # True: delivered; False: the endpoint's own failure; None: neither
    verdict: bool | None
    duration_ms: int


@dataclass(kw_only=True)
class EndpointLimits:
    """Which endpoints may have less than the usual cap in flight, for the length of one claim."""

    caps: dict[str, int] = field(default_factory=dict)
    # whose limits were read
    known: set[str] = field(default_factory=set)
    # endpoint -> messages of before that moment, and how many of them may go now
    recovering: dict[str, tuple[datetime, float]] = field(default_factory=dict)

    def get_cap(self, endpoint: str, usual: int) -> int:
        """How many sends may be in flight there."""
        return min(usual, self.caps.get(endpoint, usual))

    def spare(self, endpoint: str, created_at: datetime | None) -> bool:
        """Whether the slow start leaves room for one message; takes the room. The moment is needed while any
        endpoint recovers.
        """
        if endpoint not in self.recovering or created_at is None:
            return True
        since, tokens = self.recovering[endpoint]
        if created_at >= since:
            return True
        if tokens < 1:
            return False
        self.recovering[endpoint] = (since, tokens - 1)
        return True

    def held_back(self) -> list[tuple[str, datetime]]:
        """Endpoints whose messages of before that moment must wait for the slow start."""
        return [(key, since) for key, (since, tokens) in self.recovering.items() if tokens < 1]


def _endpoints() -> "QuerySet[Endpoint]":
    return Endpoint.objects.using(database())


def read_limits(limits: EndpointLimits, keys: Iterable[str]) -> bool:
    """Read the limits of these endpoints, once for each; whether there were any that were not known. Call inside the
    claiming transaction, and write them back with ``keep_tokens``.

    An endpoint whose row another worker holds at this moment is left to that worker: one probe is one probe.
    """
    unknown = [key for key in dict.fromkeys(keys) if key not in limits.known]
    limits.known.update(unknown)
    if not unknown:
        return False
    sql = statements()
    rows = fetch(sql.FIND_LIMITED, keys=sql.list_parameter(unknown), seconds=RECOVERY.total_seconds())
    found = [key for (key,) in rows]
    if not found:
        return False
    limits.caps |= dict.fromkeys(found, 0)
    held = _endpoints().filter(key__in=found).select_for_update(skip_locked=True)
    for row in held.annotate(now=database_now()):
        _limit(limits, row, row.now)
    return True


def _limit(limits: EndpointLimits, row: Endpoint, now: datetime) -> None:
    if row.open_since is not None:
        limits.caps[row.key] = int(row.next_probe_at is None or row.next_probe_at <= now)
        return
    del limits.caps[row.key]
    if row.recovered_at is not None:
        passed = (now - row.refilled_at).total_seconds() if row.refilled_at else 1.0
        tokens = min(RATE_PER_SECOND, row.tokens + passed * RATE_PER_SECOND)
        limits.recovering[row.key] = (row.recovered_at, max(0.0, tokens))


def keep_tokens(limits: EndpointLimits) -> None:
    """Write back what the slow starts have left."""
    for endpoint, (_since, tokens) in limits.recovering.items():
        _endpoints().filter(key=endpoint).update(tokens=tokens, refilled_at=database_now())


def _lock_endpoints(which: Q) -> list[Endpoint]:
    return list(_endpoints().filter(which).order_by("pk").select_for_update())


def _create_endpoints(tries: Iterable[Try]) -> None:
    made = {one.endpoint: one.partner_pk for one in tries}
    _endpoints().bulk_create(
        (
            Endpoint(partner_id=partner_pk, key=key, origin=key.partition(" ")[2])
            for key, partner_pk in sorted(made.items())
        ),
        ignore_conflicts=True,
    )


def note(tries: Sequence[Try]) -> None:
    """Move the breakers. One statement when all is well. Call inside the recording transaction."""
    good = {one.endpoint for one in tries if one.verdict}
    bad = {one.endpoint for one in tries if one.verdict is False}
    sql = statements()
    if good and (failing := fetch(sql.FIND_FAILING, keys=sql.list_parameter(list(good)))):
        good = {key for (key,) in failing}
    elif not bad:
        return
    else:
        good = set()
    which = Q(key__in=sorted(bad)) | Q(key__in=sorted(good), failures_in_row__gt=0)
    rows = _lock_endpoints(which)
    missing = bad - {row.key for row in rows}
    if missing:
        _create_endpoints(one for one in tries if one.endpoint in missing)
        rows = _lock_endpoints(which)
    for row in rows:
        changes = _changes(row, [one.verdict for one in tries if one.endpoint == row.key])
        _endpoints().filter(pk=row.pk).update(**changes)


def _changes(row: Endpoint, verdicts: Sequence[bool | None]) -> dict[str, Any]:
    failures, is_open, closed = row.failures_in_row, row.open_since is not None, False
    for verdict in verdicts:
        if verdict:
            closed = closed or is_open
            failures, is_open = 0, False
        elif verdict is False:
            failures += 1
            is_open = is_open or failures >= OPENS_AFTER
    changes: dict[str, Any] = {"failures_in_row": failures}
    now = database_now()
    if is_open:
        pause = min(2.0 ** min(failures - OPENS_AFTER, 10), MAX_PROBE_PAUSE_SECONDS)
        changes |= {"open_since": row.open_since or now, "next_probe_at": now + timedelta(seconds=pause)}
    elif closed:
        changes |= {"open_since": None, "next_probe_at": None}
        changes |= {"recovered_at": now, "tokens": RATE_PER_SECOND, "refilled_at": now}
    return changes


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
        with transaction.atomic(using=database()):
            rows = _lock_endpoints(Q(key__in=list(by_endpoint)))
            missing = by_endpoint.keys() - {row.key for row in rows}
            if missing:
                _create_endpoints(one for one in tries if one.endpoint in missing)
                rows += _lock_endpoints(Q(key__in=sorted(missing)))
            for row in rows:
                _add(row, by_endpoint[row.key])


def _add(row: Endpoint, tries: Sequence[Try]) -> None:
    done = sum(1 for one in tries if one.verdict)
    # a failed try is its time, mirrored
    recent = [one.duration_ms if one.verdict else -1 - one.duration_ms for one in tries]
    changes: dict[str, Any] = {
        "delivered_count": row.delivered_count + done,
        "failed_count": row.failed_count + len(tries) - done,
        "recent": (row.recent + recent)[-RECENT:],
    }
    if done:
        changes["delivered_at"] = database_now()
    if done < len(tries):
        changes["failed_at"] = database_now()
    _endpoints().filter(pk=row.pk).update(**changes)
