"""Taking due notifications: one short transaction, no HTTP in it."""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.views.decorators.debug import sensitive_variables

from scanforpay_django import signing
from scanforpay_django.conf import conf
from scanforpay_django.merchant_notify.endpoints import (
    RATE_PER_SECOND,
    EndpointLimits,
    keep_tokens,
    read_limits,
)
from scanforpay_django.merchant_notify.keys import get_secrets
from scanforpay_django.merchant_notify.sql import database, fetch, moment_parameter, run, statements
from scanforpay_django.models import Notification, NotificationAttempt, Order
from scanforpay_django.models.moments import database_now

NO_KEY = "no valid sign key"
KEY_UNREADABLE = "the sign key cannot be decrypted"
NEVER_RECORDED = "every try was begun and none recorded"

_LOOKS = 4


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """One notification that is ours until the lease ends."""

    pk: int
    attempt_pk: int
    lease_token: str
    url: str
    # signed; b"" when there was no key
    body: bytes = field(repr=False)
    # what goes with the body; {} when there was no key
    headers: Mapping[str, str] = field(repr=False)
    # why it cannot be sent; "" when it can
    obstacle: str
    # tries of this run of the ladder, this one included
    tries: int
    # how many tries there are
    max_attempts: int
    # the store's flag
    any_2xx: bool
    # Endpoint.key, and whose it is
    endpoint: str
    partner_pk: int


class _Row(NamedTuple):
    """What a claim reads of a notification (``find_claimable``): whole rows would cost more than the sending."""

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
    # None unless its endpoint was ever open
    created_at: datetime | str | None

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


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What one claim found."""

    taken: Sequence[Claimed] = ()
    superseded: int = 0
    # given up: every try was begun and none recorded
    exhausted: Sequence[Notification] = ()
    # a slow start's bucket is empty: more may go in a moment
    is_slowed: bool = False


def is_anything_due() -> bool:
    """A look without a lock, for the many times when nothing is to be done."""
    return bool(fetch(statements().IS_ANYTHING_DUE))


def claim(limit: int) -> Claim:
    """Take at most ``limit`` due notifications, and no more of one endpoint than its cap leaves.

    Several workers that claim in the same instant do not see each other's leases: for that moment an endpoint
    may have more than its cap. Raises the database's errors, and RuntimeError inside a transaction.
    """
    most = conf.notify_max_attempts
    with transaction.atomic(using=database(), durable=True):
        rows, is_slowed = _pick(limit)
        untrue = [row for row in rows if not row.is_still_valid]
        used_up = [row for row in rows if row.is_still_valid and row.tries >= (row.max_attempts or most)]
        send = [row for row in rows if row.is_still_valid and row.tries < (row.max_attempts or most)]
        exhausted = [row for row in used_up if not row.is_learned]
        _forget_leases([row.pk for row in rows if row.lease_token or row.is_resent])
        _finish(untrue, Notification.State.SUPERSEDED)
        # Where a try was recorded, fewer are made by now than there were: its reason stays.
        reason = Case(When(lease_token="", then=F("last_reason")), default=Value(NEVER_RECORDED))
        _finish([row for row in used_up if row.is_learned], Notification.State.LEARNED, last_reason=reason)
        _finish(exhausted, Notification.State.EXHAUSTED, alarmed_at=database_now(), last_reason=reason)
        return Claim(
            taken=_lease(send, most),
            superseded=len(untrue),
            exhausted=_whole(exhausted),
            is_slowed=is_slowed,
        )


def _whole(rows: Sequence[_Row]) -> list[Notification]:
    return (
        list(Notification.objects.using(database()).filter(pk__in=[row.pk for row in rows])) if rows else []
    )


def _pick(limit: int) -> tuple[list[_Row], bool]:
    """What will be taken, and whether a slow start's bucket is empty."""
    limits, cap = EndpointLimits(), conf.notify_endpoint_cap
    leased = _leased(())
    picked: list[_Row] = []
    seen: list[int] = []
    for number in range(_LOOKS):
        # Most often one look of as many rows is enough; a crowd at one endpoint may fill the view: look past it.
        wanted = (limit - len(picked)) << number
        found = _look(wanted, limits, leased, cap, seen)
        if read_limits(limits, (row.endpoint for row in found)):
            # Another worker may have sent its probe before it let go of the endpoint.
            leased = _leased(picked)
        for row in found:
            has_room = len(picked) < limit and leased[row.endpoint] < limits.get_cap(row.endpoint, cap)
            if has_room and limits.spare(row.endpoint, _aware(row.created_at)):
                leased[row.endpoint] += 1
                picked.append(row)
        if len(picked) >= limit or len(found) < wanted:
            break
        seen += [row.pk for row in found]
    keep_tokens(limits)
    return picked, bool(limits.held_back())


def _leased(picked: Iterable[_Row]) -> Counter[str]:
    """How many messages of each endpoint are under way, those included that are about to be."""
    leased = Counter(dict(fetch(statements().COUNT_LEASED)))
    leased.update(row.endpoint for row in picked)
    return leased


def _aware(moment: datetime | str | None) -> datetime | None:
    """SQLite's moments are UTC and do not say so; what was computed comes as text."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _look(
    limit: int, limits: EndpointLimits, leased: Counter[str], cap: int, seen: Sequence[int]
) -> list[_Row]:
    sql = statements()
    full = [key for key in {*leased, *limits.caps} if leased[key] >= limits.get_cap(key, cap)]
    held = limits.held_back()
    pairs: dict[str, Any] = {}
    for number, (key, since) in enumerate(held):
        pairs[f"held_endpoint_{number}"] = key
        pairs[f"held_since_{number}"] = moment_parameter(since)
    rows = fetch(
        sql.find_claimable(len(held)),
        full=sql.list_parameter(full),
        seen=sql.list_parameter(seen),
        busy=sql.list_parameter(list(leased)),
        rate=RATE_PER_SECOND,
        limit=limit,
        **pairs,
    )
    return [_Row(*row) for row in rows]


def _forget_leases(pks: Sequence[int]) -> None:
    """The worker that held these before did not record: what the merchant received is unknown."""
    if pks:
        NotificationAttempt.objects.using(database()).filter(
            notification_id__in=pks, state=NotificationAttempt.State.SENDING
        ).update(state=NotificationAttempt.State.UNKNOWN)


def _finish(rows: Sequence[_Row], state: str, **columns: Any) -> None:
    if rows:
        Notification.objects.using(database()).filter(pk__in=[row.pk for row in rows]).update(
            state=state, lease_until=None, lease_token="", **columns
        )


def _lease(rows: Sequence[_Row], most: int) -> list[Claimed]:
    """Write the leases, and a row for each try: what is counted before it is sent cannot kill its worker for ever."""
    if not rows:
        return []
    sql, token = statements(), secrets.token_hex(16)
    ids = sql.list_parameter([row.pk for row in rows])
    run(sql.LEASE, seconds=conf.notify_lease_seconds, token=token, ids=ids)
    attempts: dict[int, int] = dict(fetch(sql.BEGIN_ATTEMPTS, ids=ids))
    found = get_secrets({row.partner_pk for row in rows})
    return [_claimed(row, attempts[row.pk], token, found, most) for row in rows]


@sensitive_variables()
def _claimed(row: _Row, attempt_pk: int, token: str, found: dict[int, str], most: int) -> Claimed:
    content = row.content.encode("utf-8")
    secret = found.get(row.partner_pk)
    # Nothing is sent unsigned.
    obstacle = NO_KEY if secret is None else "" if secret else KEY_UNREADABLE
    body, headers = b"", {}
    if secret:
        body = signing.envelope("response", content, signing.sign(content, secret))
        headers = signing.notification_headers(row.message_id, row.now, body, secret)
    return Claimed(
        pk=row.pk,
        attempt_pk=attempt_pk,
        lease_token=token,
        url=row.url,
        body=body,
        headers=headers,
        obstacle=obstacle,
        tries=row.tries + 1,
        max_attempts=row.max_attempts or most,
        any_2xx=row.any_2xx,
        endpoint=row.endpoint,
        partner_pk=row.partner_pk,
    )
