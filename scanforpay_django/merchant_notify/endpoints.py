"""What is known of each endpoint, counted across workers: the breaker, the slow start after it, statistics.

The breaker opens after five failures in a row that are the endpoint's own (no connection, no answer in time, 5xx).
Then one message at a time finds out whether it is back; the others are put off, which costs them no try. The first
success closes it, and what had waited goes out at ten a second. New messages are not held up by that.

How many sends an endpoint may have in flight (its cap) follows its answers, as a TCP sender's window does: each time it
was used up and every answer was quick it is doubled, near its limit raised by a step; after a slow or failed answer it
is halved. It is shared between workers, and written only when it changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from scanforpay_django.conf import conf
from scanforpay_django.merchant_notify.sql import fetch, statements
from scanforpay_django.models import Endpoint
from scanforpay_django.models.database import database
from scanforpay_django.models.locks import lock_free_rows
from scanforpay_django.models.missing_rows import create_missing
from scanforpay_django.models.moments import database_now

OPENS_AFTER = 5
RATE_PER_SECOND = 10.0
CAP_STEP = 4
MAX_PROBE_PAUSE_SECONDS = 15.0
RECOVERY = timedelta(hours=1)
#: An answer is overdue after so many seconds. A send that has waited this long gives its slot to another, and its
#: endpoint has no more in flight than it began with until the answer has come.
SLOW_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Try:
    """What a try says about its endpoint."""

    endpoint: str
    partner_pk: int
    # True: delivered; False: the endpoint's own failure; None: neither
    verdict: bool | None
    duration_ms: int
    # the endpoint's cap when it was claimed, and whether that claim used it up
    cap: int
    fills_cap: bool

    @property
    def is_quick(self) -> bool:
        """Whether the endpoint would bear more."""
        return self.verdict is True and self.duration_ms < 1000 * SLOW_SECONDS

    @property
    def is_slow(self) -> bool:
        """Whether it should have less."""
        return self.verdict is False or self.duration_ms >= 1000 * SLOW_SECONDS


@dataclass(kw_only=True)
class EndpointLimits:
    """Which endpoints may have another number in flight than the usual, for the length of one claim."""

    caps: dict[str, int] = field(default_factory=dict)
    # endpoint -> messages of before that moment, and how many of them may go now
    recovering: dict[str, tuple[datetime, float]] = field(default_factory=dict)
    # those of which some may no longer go
    spent: set[str] = field(default_factory=set)

    def get_cap(self, endpoint: str, usual: int) -> int:
        """How many sends may be in flight there; ``usual`` where nothing else is known."""
        return self.caps.get(endpoint, usual)

    def spare(self, endpoint: str, *, is_old: bool) -> bool:
        """Whether the slow start leaves room for one message; takes the room. Only old messages are slowed."""
        if endpoint not in self.recovering or not is_old:
            return True
        since, tokens = self.recovering[endpoint]
        if tokens < 1:
            return False
        self.recovering[endpoint] = (since, tokens - 1)
        self.spent.add(endpoint)
        return True

    @property
    def slowed(self) -> list[str]:
        """Endpoints whose old messages must wait for the slow start."""
        return [key for key, (_since, tokens) in self.recovering.items() if tokens < 1]


def endpoint_rows() -> "QuerySet[Endpoint]":
    return Endpoint.objects.using(database())


def read_limits(limits: EndpointLimits, keys: Sequence[str]) -> None:
    """Read the limits of these endpoints. Call inside the claiming transaction, and write them back with
    ``keep_tokens``.

    An endpoint whose row another worker holds at this moment is left to that worker: one probe is one probe.
    """
    if not keys:
        return
    sql = statements()
    rows = fetch(sql.FIND_LIMITS, keys=sql.list_parameter(keys), seconds=RECOVERY.total_seconds())
    most = conf.notify_endpoint_cap_max
    limits.caps |= {key: min(cap, most) for key, cap, _is_held in rows if cap is not None}
    found = [key for key, _cap, is_held in rows if is_held]
    if not found:
        return
    limits.caps |= dict.fromkeys(found, 0)
    held = lock_free_rows(endpoint_rows().filter(key__in=found))
    for row in held.annotate(now=database_now()):
        _limit(limits, row, row.now)


def _limit(limits: EndpointLimits, row: Endpoint, now: datetime) -> None:
    if row.open_since is not None:
        limits.caps[row.key] = int(row.next_probe_at is None or row.next_probe_at <= now)
        return
    del limits.caps[row.key]
    if row.cap is not None:
        limits.caps[row.key] = min(row.cap, conf.notify_endpoint_cap_max)
    if row.recovered_at is not None:
        passed = (now - row.refilled_at).total_seconds() if row.refilled_at else 1.0
        tokens = min(RATE_PER_SECOND, row.tokens + passed * RATE_PER_SECOND)
        limits.recovering[row.key] = (row.recovered_at, max(0.0, tokens))


def keep_tokens(limits: EndpointLimits) -> None:
    """Write back what the slow starts have left, where anything was taken: a claim that takes nothing writes nothing,
    or on SQLite its commit would wake the worker for the next one.
    """
    for endpoint in limits.spent:
        _since, tokens = limits.recovering[endpoint]
        endpoint_rows().filter(key=endpoint).update(tokens=tokens, refilled_at=database_now())


def lock_endpoints(which: Q) -> list[Endpoint]:
    return list(endpoint_rows().filter(which).order_by("pk").select_for_update())


def create_endpoints(tries: Iterable[Try], *, cap: int | None = None) -> None:
    made = {one.endpoint: one.partner_pk for one in tries}
    if not made:
        return
    rows = [
        Endpoint(partner_id=partner_pk, key=key, origin=key.partition(" ")[2], cap=cap)
        for key, partner_pk in sorted(made.items())
    ]
    create_missing(endpoint_rows(), rows, unique=["key"])


def note(tries: Sequence[Try]) -> None:
    """Move the breakers and the caps. One statement when all is well. Call inside the recording transaction."""
    by_endpoint: dict[str, list[Try]] = {}
    for one in tries:
        by_endpoint.setdefault(one.endpoint, []).append(one)
    bad = {key for key, ones in by_endpoint.items() if any(one.verdict is False for one in ones)}
    failing = _failing({one.endpoint for one in tries if one.verdict})
    braked = {key for key, ones in by_endpoint.items() if _is_braked(ones)}
    for row in _find_rows(bad, failing | braked, by_endpoint):
        endpoint_rows().filter(pk=row.pk).update(**_changes(row, by_endpoint[row.key]))
    # Nothing is waited for after this: these rows are locked in any order.
    _raise_caps({key: ones for key, ones in by_endpoint.items() if _may_grow(ones)})


def _failing(keys: set[str]) -> set[str]:
    sql = statements()
    return {key for (key,) in fetch(sql.FIND_FAILING, keys=sql.list_parameter(list(keys)))} if keys else set()


def _is_braked(ones: Sequence[Try]) -> bool:
    return any(one.is_slow and one.cap > conf.notify_endpoint_cap for one in ones)


def _may_grow(ones: Sequence[Try]) -> bool:
    is_used_up = any(one.fills_cap and one.cap < conf.notify_endpoint_cap_max for one in ones)
    return is_used_up and all(one.is_quick for one in ones)


def _find_rows(bad: set[str], others: set[str], tries: Mapping[str, Sequence[Try]]) -> list[Endpoint]:
    """Locked. Those that fail for the first time are made."""
    if not bad and not others:
        return []
    which = Q(key__in=sorted(bad | others))
    rows = lock_endpoints(which)
    missing = bad - {row.key for row in rows}
    if missing:
        create_endpoints(tries[key][0] for key in missing)
        rows = lock_endpoints(which)
    return rows


def _raise_caps(tries: Mapping[str, Sequence[Try]]) -> None:
    """A step each. What another worker holds at this moment is left to that worker."""
    if not tries:
        return
    first, most = conf.notify_endpoint_cap, conf.notify_endpoint_cap_max
    rows = list(lock_free_rows(endpoint_rows().filter(key__in=sorted(tries))))
    for row in rows:
        if row.open_since is None:
            endpoint_rows().filter(pk=row.pk).update(cap=_raised(row.cap or first, most))
    # Where another worker holds the row, this changes nothing.
    missing = tries.keys() - {row.key for row in rows}
    create_endpoints((tries[key][0] for key in missing), cap=_raised(first, most))


def _raised(cap: int, most: int) -> int:
    return min(most, cap + (cap if 2 * cap <= most else CAP_STEP))


def _changes(row: Endpoint, tries: Sequence[Try]) -> dict[str, Any]:
    failures, is_open, closed = row.failures_in_row, row.open_since is not None, False
    for one in tries:
        if one.verdict:
            closed = closed or is_open
            failures, is_open = 0, False
        elif one.verdict is False:
            failures += 1
            is_open = is_open or failures >= OPENS_AFTER
    changes: dict[str, Any] = {"failures_in_row": failures}
    now = database_now()
    if is_open:
        pause = min(2.0 ** min(failures - OPENS_AFTER, 10), MAX_PROBE_PAUSE_SECONDS)
        changes |= {"open_since": row.open_since or now, "next_probe_at": now + timedelta(seconds=pause)}
        changes["cap"] = None
    elif closed:
        changes |= {"open_since": None, "next_probe_at": None}
        changes |= {"recovered_at": now, "tokens": RATE_PER_SECOND, "refilled_at": now}
    elif row.cap is not None and _is_braked(tries):
        changes["cap"] = max(conf.notify_endpoint_cap, row.cap // 2)
    return changes
