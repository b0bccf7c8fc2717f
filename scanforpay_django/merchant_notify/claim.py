"""Taking due notifications: one short transaction, no HTTP in it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, F, Value, When
from django.views.decorators.debug import sensitive_variables

from scanforpay_django import clock, signing
from scanforpay_django.conf import conf
from scanforpay_django.merchant_notify.choose import Chosen, DueRow, choose
from scanforpay_django.merchant_notify.keys import get_secrets
from scanforpay_django.merchant_notify.occupancy import Occupancy
from scanforpay_django.merchant_notify.rotation import Rotation
from scanforpay_django.merchant_notify.sql import begin_attempts, fetch, release_endpoints, run, statements
from scanforpay_django.models import Notification, NotificationAttempt
from scanforpay_django.models.database import atomic, database
from scanforpay_django.models.moments import database_now

NO_KEY = "no valid sign key"
KEY_UNREADABLE = "the sign key cannot be decrypted"
NEVER_RECORDED = "every try was begun and none recorded"

#: SQLite takes no more than 500 parts of one statement, and an endpoint may need two
MOST_AT_ONCE = 200


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
    # the endpoint's cap, and whether this claim used it up
    cap: int
    fills_cap: bool


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What one claim found."""

    taken: Sequence[Claimed] = ()
    superseded: int = 0
    # given up: every try was begun and none recorded
    exhausted: Sequence[Notification] = ()
    # a slow start's bucket is empty: more may go in a moment
    is_slowed: bool = False
    # an endpoint was another claim's: more may go as soon as that has ended
    is_contended: bool = False
    # more was due than could be looked at: go on
    is_unfinished: bool = False


def is_anything_due() -> bool:
    """A look without a lock, for the many times when nothing is to be done."""
    return bool(fetch(statements().IS_ANYTHING_DUE))


def claim(limit: int, occupancy: Occupancy | None = None, rotation: Rotation | None = None) -> Claim:
    """Take at most ``limit`` due notifications, and no more of one endpoint than its cap leaves.

    ``occupancy`` bounds what one endpoint and one partner may have of a worker; ``rotation`` is the worker's own, from
    one claim to the next. Several workers that claim in the same instant do not see each other's leases: for that
    moment an endpoint that has proven quick may have more than its cap, and one that has not is the first one's. Raises
    the database's errors, and RuntimeError inside a transaction.
    """
    try:
        with atomic(durable=True):
            return _claim(choose(min(limit, MOST_AT_ONCE), occupancy, rotation or Rotation()))
    finally:
        release_endpoints()


def _claim(chosen: Chosen) -> Claim:
    most = conf.notify_max_attempts
    rows = chosen.rows
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
        taken=_lease(send, most, chosen),
        superseded=len(untrue),
        exhausted=_whole(exhausted),
        is_slowed=chosen.is_slowed,
        is_contended=chosen.is_contended,
        is_unfinished=chosen.is_unfinished,
    )


def _whole(rows: Sequence[DueRow]) -> list[Notification]:
    return (
        list(Notification.objects.using(database()).filter(pk__in=[row.pk for row in rows])) if rows else []
    )


def _forget_leases(pks: Sequence[int]) -> None:
    """The worker that held these before did not record: what the merchant received is unknown."""
    if pks:
        NotificationAttempt.objects.using(database()).filter(
            notification_id__in=pks, state=NotificationAttempt.State.SENDING
        ).update(state=NotificationAttempt.State.UNKNOWN)


def _finish(rows: Sequence[DueRow], state: str, **columns: Any) -> None:
    if rows:
        # The columns first, for they are made of the others: MySQL assigns one after the other.
        Notification.objects.using(database()).filter(pk__in=[row.pk for row in rows]).update(
            **columns, state=state, lease_until=None, lease_token=""
        )


def _lease(rows: Sequence[DueRow], most: int, chosen: Chosen) -> list[Claimed]:
    """Write the leases, and a row for each try: what is counted before it is sent cannot kill its worker for ever."""
    if not rows:
        return []
    sql, token = statements(), secrets.token_hex(16)
    pks = [row.pk for row in rows]
    run(sql.LEASE, seconds=conf.notify_lease_seconds, token=token, ids=sql.list_parameter(pks))
    attempts = begin_attempts(pks)
    found = get_secrets({row.partner_pk for row in rows})
    return [_claimed(row, attempts[row.pk], token, found, most, chosen) for row in rows]


@sensitive_variables()
def _claimed(
    row: DueRow, attempt_pk: int, token: str, found: dict[int, str], most: int, chosen: Chosen
) -> Claimed:
    content = row.content.encode("utf-8")
    secret = found.get(row.partner_pk)
    # Nothing is sent unsigned.
    obstacle = NO_KEY if secret is None else "" if secret else KEY_UNREADABLE
    body, headers = b"", dict[str, str]()
    if secret:
        sent_at = row.now - clock.offset_seconds()
        body, headers = signing.sign_notification(content, row.message_id, sent_at, secret)
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
        cap=chosen.caps[row.endpoint],
        fills_cap=row.endpoint in chosen.filled,
    )
