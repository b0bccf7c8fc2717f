"""Taking due notifications: one short transaction, no HTTP in it."""

import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connections, router, transaction
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Now
from django.views.decorators.debug import sensitive_variables

from scanforpay_django import signing
from scanforpay_django.conf import conf
from scanforpay_django.encryption import decrypt
from scanforpay_django.exceptions import SecretUnreadable
from scanforpay_django.merchant_notify.endpoints import Limits, keep_tokens, read_limits
from scanforpay_django.merchant_notify.retry import RetrySchedule
from scanforpay_django.models import Notification, NotificationAttempt, Order, SignKey

NO_KEY = "no valid sign key"
KEY_UNREADABLE = "the sign key cannot be decrypted"
NEVER_RECORDED = "every try was begun and none recorded"

_LOOK_AHEAD = 4
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
    # the value of webhook-signature and the moment it was made
    webhook_signature: str = field(repr=False)
    timestamp: int
    # the id that is the same on every try
    message_id: str
    # why it cannot be sent; "" when it can
    obstacle: str
    # tries of this run of the ladder, this one included
    tries: int
    # how many tries there are
    max_tries: int
    # the store's flag
    any_2xx: bool
    # Endpoint.key, and whose it is
    endpoint: str
    partner_pk: int


class _Row(NamedTuple):
    """What a claim reads of a notification: whole rows would cost more than the sending."""

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
    store_no: str
    any_2xx: bool


_READ = (
    "pk", "attempt_count", "schedule_start", "lease_token", "content", "message_id", "url", "endpoint",
    "kind", "order__state", "order__partner_id", "order__store__store_no", "order__store__acknowledge_any_2xx",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What one claim found."""

    taken: Sequence[Claimed] = ()
    superseded: int = 0
    # given up: every try was begun and none recorded
    exhausted: Sequence[Notification] = ()


def database() -> str:
    """The alias of the database that holds the queue."""
    return router.db_for_write(Notification)


def _due() -> "QuerySet[Notification]":
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=Now())
    return Notification.objects.using(database()).filter(
        free, state=Notification.State.PENDING, next_at__lte=Now()
    )


def is_anything_due() -> bool:
    """A look without a lock, for the many times when nothing is to be done."""
    return _due().exists()


def claim(limit: int) -> Claim:
    """Take at most ``limit`` due notifications, and no more of one endpoint than its cap leaves.

    Several workers that claim in the same instant do not see each other's leases: for that moment an endpoint
    may have more than its cap. Raises the database's errors, and RuntimeError inside a transaction.
    """
    with transaction.atomic(using=database(), durable=True):
        rows = _pick(limit)
        untrue = [row for row in rows if not _is_true(row)]
        still_true = [row for row in rows if _is_true(row)]
        exhausted = [row for row in still_true if _schedule(row).is_used_up(_tries(row))]
        send = [row for row in still_true if not _schedule(row).is_used_up(_tries(row))]
        _forget_leases([row.pk for row in rows if row.lease_token])
        _close(untrue, Notification.State.SUPERSEDED)
        _close(exhausted, Notification.State.DEAD, alarmed_at=Now(), last_reason=NEVER_RECORDED)
        return Claim(taken=_lease(send), superseded=len(untrue), exhausted=_whole(exhausted))


def _is_true(row: _Row) -> bool:
    """Whether the message still says how things are: published clients complete an order on any "paid"."""
    return row.kind != Notification.Kind.PAID or row.order_state == Order.State.PAID


def _whole(rows: Sequence[_Row]) -> list[Notification]:
    return (
        list(Notification.objects.using(database()).filter(pk__in=[row.pk for row in rows])) if rows else []
    )


def _tries(row: _Row) -> int:
    return row.attempt_count - row.schedule_start


def _schedule(row: _Row) -> RetrySchedule:
    return RetrySchedule(max_tries=conf.notify_max_tries(row.store_no))


def _pick(limit: int) -> list[_Row]:
    limits, leased = read_limits(), _leased_by_endpoint()
    picked: list[int] = []
    for _ in range(_LOOKS):
        seen = _look(limit, limits, leased)
        for pk, endpoint, created_at in seen:
            has_room = leased.get(endpoint, 0) < _cap_of(endpoint, limits) and len(picked) < limit
            if has_room and limits.spare(endpoint, created_at):
                leased[endpoint] = leased.get(endpoint, 0) + 1
                picked.append(pk)
        # A crowd at one endpoint may fill the view: look past it.
        if len(picked) >= limit or len(seen) < _LOOK_AHEAD * limit:
            break
    keep_tokens(limits)
    if not picked:
        return []
    rows = Notification.objects.using(database()).filter(pk__in=picked).order_by("next_at")
    return [_Row(*row) for row in rows.values_list(*_READ)]


def _cap_of(endpoint: str, limits: Limits) -> int:
    return min(conf.notify_endpoint_cap, limits.caps.get(endpoint, conf.notify_endpoint_cap))


def _look(limit: int, limits: Limits, leased: dict[str, int]) -> list[tuple[int, str, datetime]]:
    full = [
        endpoint
        for endpoint in {*leased, *limits.caps}
        if leased.get(endpoint, 0) >= _cap_of(endpoint, limits)
    ]
    candidates = _due().exclude(endpoint__in=full)
    if limits.recovering:
        candidates = candidates.exclude(limits.held_back())
    candidates = candidates.order_by("next_at").select_for_update(skip_locked=True)
    return list(candidates.values_list("pk", "endpoint", "created_at")[: _LOOK_AHEAD * limit])


def _leased_by_endpoint() -> dict[str, int]:
    leased = Notification.objects.using(database()).filter(
        state=Notification.State.PENDING, lease_until__isnull=False, lease_until__gt=Now()
    )
    return dict(leased.order_by().values_list("endpoint").annotate(number=Count("pk")))


def _forget_leases(pks: Sequence[int]) -> None:
    """Whoever held these before did not record: nobody knows what the merchant got."""
    if pks:
        NotificationAttempt.objects.using(database()).filter(
            notification_id__in=pks, state=NotificationAttempt.State.SENDING
        ).update(state=NotificationAttempt.State.UNKNOWN)


def _close(rows: Sequence[_Row], state: str, **columns: Any) -> None:
    if rows:
        Notification.objects.using(database()).filter(pk__in=[row.pk for row in rows]).update(
            state=state, lease_until=None, lease_token="", **columns
        )


def _lease(rows: Sequence[_Row]) -> list[Claimed]:
    if not rows:
        return []
    token, pks = secrets.token_hex(16), [row.pk for row in rows]
    Notification.objects.using(database()).filter(pk__in=pks).update(
        lease_until=Now() + timedelta(seconds=conf.notify_lease_seconds),
        lease_token=token,
        attempt_count=F("attempt_count") + 1,
    )
    attempts = _begin_attempts(pks)
    keys = _keys_of({row.partner_pk for row in rows})
    secrets_of = {partner_pk: _secret(key) for partner_pk, key in keys.items()}
    return [_claimed(row, attempts[row.pk], token, secrets_of) for row in rows]


def _begin_attempts(pks: Sequence[int]) -> dict[int, int]:
    """A row for each try, by the database alone; notification -> attempt."""
    tables = [connections[database()].ops.quote_name(model._meta.db_table) for model in (
        NotificationAttempt, Notification
    )]  # fmt: skip
    places = ", ".join(["%s"] * len(pks))
    with connections[database()].cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {tables[0]} (notification_id, number, state, reason, answer, address) "  # noqa: S608
            f"SELECT id, attempt_count, %s, '', '', '' FROM {tables[1]} WHERE id IN ({places})",
            [str(NotificationAttempt.State.SENDING), *pks],
        )
    begun = NotificationAttempt.objects.using(database()).filter(
        notification_id__in=pks, state=NotificationAttempt.State.SENDING
    )
    return dict(begun.order_by().values_list("notification_id", "pk"))


@sensitive_variables()
def _claimed(row: _Row, attempt_pk: int, token: str, secrets_of: dict[int, str]) -> Claimed:
    content, timestamp = row.content.encode("utf-8"), int(time.time())
    secret = secrets_of.get(row.partner_pk)
    # Nothing is sent unsigned.
    obstacle = NO_KEY if secret is None else "" if secret else KEY_UNREADABLE
    body, webhook_signature = b"", ""
    if secret:
        body = signing.envelope("response", content, signing.sign(content, secret))
        webhook_signature = signing.webhook_signature(row.message_id, timestamp, body, secret)
    return Claimed(
        pk=row.pk,
        attempt_pk=attempt_pk,
        lease_token=token,
        url=row.url,
        body=body,
        webhook_signature=webhook_signature,
        timestamp=timestamp,
        message_id=row.message_id,
        obstacle=obstacle,
        tries=_tries(row) + 1,
        max_tries=_schedule(row).max_tries,
        any_2xx=row.any_2xx,
        endpoint=row.endpoint,
        partner_pk=row.partner_pk,
    )


def _secret(key: SignKey) -> str:
    """The key itself; "" when it cannot be read."""
    try:
        return _decrypted(key.secret_ciphertext)
    except SecretUnreadable:
        return ""


@lru_cache(maxsize=1024)
def _decrypted(ciphertext: str) -> str:
    """Decrypting costs as much as sending: once in a process for each ciphertext."""
    return decrypt(ciphertext)


def _keys_of(partner_pks: Iterable[int]) -> dict[int, SignKey]:
    """Each partner's key: that of its last proven request, or the newest when none was used yet."""
    found: dict[int, SignKey] = {}
    for key in SignKey.objects.using(database()).valid().filter(partner_id__in=partner_pks):
        best = found.setdefault(key.partner_id, key)
        if key.last_used_at and (best.last_used_at is None or key.last_used_at > best.last_used_at):
            found[key.partner_id] = key
    return found
