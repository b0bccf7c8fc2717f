"""Which due notifications a claim takes.

First who waits: the endpoints of the oldest due messages, and, where more is due than fits into one claim, the next
ones of a rotation and those of the newest. Then how many of each there is room for, and only then the messages, locked.
So what a claim costs does not depend on how much is due, nor on whether the database knows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from scanforpay_django.conf import conf
from scanforpay_django.merchant_notify.endpoints import SLOW_SECONDS, EndpointLimits, keep_tokens, read_limits
from scanforpay_django.merchant_notify.occupancy import Occupancy
from scanforpay_django.merchant_notify.rotation import Rotation
from scanforpay_django.merchant_notify.share import Waiting, share_out
from scanforpay_django.merchant_notify.sql import (
    fetch,
    fetch_by_table,
    hold_endpoints,
    moment_parameter,
    statements,
)
from scanforpay_django.models import Notification, Order


class DueRow(NamedTuple):
    """What a claim reads of a notification (``Statements.TAKE``): whole rows would cost more than the sending."""

    pk: int
    attempt_count: int
    schedule_start: int
    lease_token: str
    content: str
    message_id: str
    url: str
    endpoint: str
    kind: str
    order_state: str
    partner_pk: int
    # the store's own number of tries
    max_attempts: int | None
    any_2xx: bool
    # the merchant asked and was answered
    is_learned: bool
    # the database's clock, seconds since 1970
    now: int
    # written before its endpoint's breaker closed: the slow start is for these
    is_old: bool

    @property
    def tries(self) -> int:
        """Tries of this run of the ladder."""
        return self.attempt_count - self.schedule_start

    @property
    def is_resent(self) -> bool:
        """Whether this is the first try since it was put back, which took away a lease that had run out."""
        return self.attempt_count > 0 and self.tries == 0

    @property
    def is_still_valid(self) -> bool:
        """Whether the message still says how things are: published clients complete an order on any "paid"."""
        return self.kind != Notification.Kind.PAID or self.order_state == Order.State.PAID


@dataclass(kw_only=True)
class Chosen:
    """What a claim may take, locked."""

    rows: Sequence[DueRow] = ()
    # the cap of each endpoint
    caps: dict[str, int] = field(default_factory=dict)
    # endpoints that have as many in flight as their cap allows
    filled: set[str] = field(default_factory=set)
    is_slowed: bool = False
    # an endpoint is another claim's at this moment
    is_contended: bool = False
    is_unfinished: bool = False


def choose(limit: int, occupancy: Occupancy | None, rotation: Rotation) -> Chosen:
    """Choose and lock at most ``limit`` due notifications. Call inside the claiming transaction."""
    oldest = [Waiting(*row) for row in fetch(statements().FIND_OLDEST, limit=limit)]
    is_crowded = len(oldest) >= limit
    waiting = list(dict.fromkeys([*(_find_hidden(limit, rotation) if is_crowded else ()), *oldest]))
    limits = EndpointLimits()
    read_limits(limits, [one.endpoint for one in waiting])
    # After that: another worker may have sent its probe before it let go of the endpoint.
    flight = _InFlight(conf.notify_endpoint_cap)
    shares, is_contended = _held_shares(limit, waiting, flight, limits, occupancy)
    rows = _take(shares, limits)
    keep_tokens(limits)
    rotation.found(Waiting(row.partner_pk, row.endpoint) for row in rows)
    flight.add(rows)
    caps = {row.endpoint: limits.get_cap(row.endpoint, flight.first_cap) for row in rows}
    return Chosen(
        rows=rows,
        caps=caps,
        filled={endpoint for endpoint, cap in caps.items() if flight.leased[endpoint] >= cap},
        is_slowed=bool(limits.slowed),
        is_contended=is_contended,
        is_unfinished=is_crowded and not rows and rotation.is_unfinished,
    )


def _find_hidden(limit: int, rotation: Rotation) -> list[Waiting]:
    """Who is behind the oldest messages: those next in the rotation, and those for whom something has become due just
    now. It would take the rotation many claims to come to these, and while all else is barred a worker rests between
    two.
    """
    newest = fetch(statements().FIND_NEWEST, limit=limit)
    return [*rotation.next_waiting(), *(Waiting(*row) for row in newest)]


class _InFlight:
    """What all workers have in flight, by endpoint."""

    def __init__(self, first_cap: int) -> None:
        #: how many sends an endpoint may have to begin with
        self.first_cap = first_cap
        self.read()

    def read(self) -> None:
        """By the leases in the database."""
        rows = fetch(statements().COUNT_LEASED, seconds=conf.notify_lease_seconds - SLOW_SECONDS)
        self.leased = Counter({endpoint: number for endpoint, number, _overdue in rows})
        self._overdue = {endpoint for endpoint, _number, overdue in rows if overdue}

    def add(self, rows: Iterable[DueRow]) -> None:
        """Those that are about to be sent."""
        self.leased.update(row.endpoint for row in rows)

    def is_unproven(self, endpoint: str, limits: EndpointLimits) -> bool:
        """Whether nothing says that it would bear more than it may have to begin with."""
        return limits.get_cap(endpoint, self.first_cap) <= self.first_cap

    def room(self, endpoint: str, limits: EndpointLimits) -> int:
        """How many more may go there."""
        cap = limits.get_cap(endpoint, self.first_cap)
        if endpoint in self._overdue:
            cap = min(cap, self.first_cap)
        return cap - self.leased[endpoint]


def _held_shares(
    limit: int,
    waiting: Sequence[Waiting],
    flight: _InFlight,
    limits: EndpointLimits,
    occupancy: Occupancy | None,
) -> tuple[dict[Waiting, int], bool]:
    """The shares, and whether another claim had any of these endpoints; what that one has goes to those behind."""
    wanted = _shares(limit, waiting, flight, limits, occupancy)
    shares = _hold_unproven(wanted, flight, limits)
    if len(shares) == len(wanted):
        return shares, False
    if occupancy is not None:
        for one, most in wanted.items():
            occupancy.remove(one.partner_pk, one.endpoint, most - shares.get(one, 0))
    others = [one for one in waiting if one not in wanted]
    more = _shares(limit - sum(shares.values()), others, flight, limits, occupancy)
    return shares | _hold_unproven(more, flight, limits), True


def _shares(
    limit: int,
    waiting: Sequence[Waiting],
    flight: _InFlight,
    limits: EndpointLimits,
    occupancy: Occupancy | None,
) -> dict[Waiting, int]:
    def endpoint_room(one: Waiting) -> int:
        room = flight.room(one.endpoint, limits)
        return room if occupancy is None else min(room, occupancy.endpoint_room(one.endpoint))

    def take(one: Waiting) -> bool:
        if occupancy is None:
            return True
        if not occupancy.has_room(one.partner_pk):
            return False
        occupancy.add(one.partner_pk, one.endpoint, is_quick=True)
        return True

    return share_out(limit, waiting, endpoint_room, take)


def _hold_unproven(
    shares: Mapping[Waiting, int], flight: _InFlight, limits: EndpointLimits
) -> dict[Waiting, int]:
    """The shares, those of endpoints at their first cap only as far as no other claim gives to them in this moment.

    One that has proven quick may be given its cap by each claim of that moment: it is found out within a second whether
    it has begun to hang, and its messages would otherwise be one worker's at a time.
    """
    unproven = {one.endpoint for one in shares if flight.is_unproven(one.endpoint, limits)}
    if not unproven:
        return dict(shares)
    # In this order: what was leased by the claim that had an endpoint before is to be seen.
    held = hold_endpoints(sorted(unproven))
    flight.read()
    rooms = {one: flight.room(one.endpoint, limits) for one in shares if one.endpoint in held}
    return {
        one: min(most, rooms[one]) if one in rooms else most
        for one, most in shares.items()
        if one.endpoint not in unproven or rooms.get(one, 0) > 0
    }


def _take(shares: Mapping[Waiting, int], limits: EndpointLimits) -> list[DueRow]:
    entries = [entry for one, most in shares.items() for entry in _entries(one, most, limits)]
    if not entries:
        return []
    found = fetch_by_table(statements().TAKE, entries, limit=sum(entry["most"] for entry in entries))
    left = Counter({one.endpoint: most for one, most in shares.items()})
    rows: dict[int, DueRow] = {}
    for row in map(DueRow._make, found):
        # A message that is new may be found twice where there is a slow start.
        if row.pk not in rows and left[row.endpoint] > 0 and limits.spare(row.endpoint, is_old=row.is_old):
            left[row.endpoint] -= 1
            rows[row.pk] = row
    return list(rows.values())


def _entries(one: Waiting, most: int, limits: EndpointLimits) -> list[dict[str, Any]]:
    """What to take of an endpoint; during a slow start its old messages and its new ones apart."""
    entry = {"partner": one.partner_pk, "endpoint": one.endpoint, "most": most}
    if one.endpoint not in limits.recovering:
        return [{**entry, "recovered_at": None, "only_newer": False}]
    since, tokens = limits.recovering[one.endpoint]
    recovered_at = moment_parameter(since)
    old = {**entry, "most": min(most, int(tokens)), "recovered_at": recovered_at, "only_newer": False}
    new = {**entry, "recovered_at": recovered_at, "only_newer": True}
    return [old, new] if old["most"] else [new]
