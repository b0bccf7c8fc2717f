"""Writing down what became of tries: a few statements for many rows, and only while their lease holds."""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connections,
    transaction,
)
from django.db.models import Case, CharField, DateTimeField, Value, When
from django.db.models.functions import Now

from scanforpay_django.merchant_notify import answer
from scanforpay_django.merchant_notify.claim import Claimed, database
from scanforpay_django.merchant_notify.endpoints import Try, note
from scanforpay_django.merchant_notify.retry import RetrySchedule
from scanforpay_django.models import Notification, NotificationAttempt
from scanforpay_django.signals import notification_exhausted
from scanforpay_django.transport import Outcome

logger = logging.getLogger(__name__)

_TRIES = 5
_PAUSE_SECONDS = 0.1
_COLUMNS = ("state", "duration_ms", "http_status", "reason", "answer", "address")


@dataclass(frozen=True, kw_only=True)
class Result:
    """One try that is over."""

    claimed: Claimed
    outcome: Outcome

    @cached_property
    def is_acknowledged(self) -> bool:
        """Whether the merchant took it."""
        return answer.is_acknowledged(self.outcome, any_2xx=self.claimed.any_2xx)

    @cached_property
    def reason(self) -> str:
        """Why it failed, in words; "" when it did not."""
        return "" if self.is_acknowledged else answer.reason_of(self.outcome)[:200]

    @cached_property
    def tried(self) -> Try:
        """What it says about the endpoint."""
        verdict = True if self.is_acknowledged else None
        if verdict is None and not self.claimed.obstacle and answer.is_endpoints_own(self.outcome):
            verdict = False
        return Try(
            endpoint=self.claimed.endpoint,
            partner_pk=self.claimed.partner_pk,
            verdict=verdict,
            duration_ms=self.outcome.duration_ms,
        )


@dataclass(kw_only=True)
class Recorded:
    """What a batch came to."""

    delivered: list[int] = field(default_factory=list)
    # failed, to be tried again: row -> seconds
    waiting: dict[int, float] = field(default_factory=dict)
    # given up
    dead: list[int] = field(default_factory=list)
    # why they failed: row -> words
    reasons: dict[int, str] = field(default_factory=dict)
    # the lease was lost, or the database did not take it: nothing was changed
    lost: int = 0


def delay_of(result: Result) -> float | None:
    """Seconds until the next try; None to give up.

    410 says that the address is gone for good. Retry-After is honoured up to twice the ladder's step.
    """
    if result.outcome.status == answer.GONE:
        return None
    delay = RetrySchedule(max_tries=result.claimed.max_tries).delay_after(result.claimed.tries)
    if delay is None or result.outcome.status not in {429, 503}:
        return delay
    return max(delay, min(result.outcome.retry_after_seconds, 2 * delay))


def record(results: Sequence[Result]) -> Recorded:
    """Write ``results``. A database that keeps failing lets the leases run out: they are sent again."""
    for number in range(_TRIES):
        try:
            recorded = _write(results)
        except (OperationalError, InterfaceError) as error:
            logger.warning("recording %d tries failed: %s", len(results), error)
            close_old_connections()
            time.sleep(_PAUSE_SECONDS * 2**number)
        else:
            _tell(recorded.dead)
            return recorded
    return Recorded(lost=len(results))


def _write(results: Sequence[Result]) -> Recorded:
    with transaction.atomic(using=database(), durable=True):
        held = _held(results)
        ours = [result for result in results if held.get(result.claimed.pk) == result.claimed.lease_token]
        recorded = _sort(ours)
        recorded.lost = len(results) - len(ours)
        if ours:
            _write_attempts(ours)
        _write_notifications(recorded)
        note([result.tried for result in ours])
    return recorded


def _held(results: Sequence[Result]) -> dict[int, str]:
    """The rows, locked, with the token that holds each: a worker that wakes too late finds another's."""
    rows = Notification.objects.using(database()).filter(pk__in=[result.claimed.pk for result in results])
    locked = rows.order_by("pk").select_for_update()
    return dict(locked.values_list("pk", "lease_token"))


def _sort(results: Sequence[Result]) -> Recorded:
    recorded = Recorded()
    for result in results:
        pk = result.claimed.pk
        if result.is_acknowledged:
            recorded.delivered.append(pk)
            continue
        recorded.reasons[pk] = result.reason
        if (delay := delay_of(result)) is None:
            recorded.dead.append(pk)
        else:
            recorded.waiting[pk] = delay
    return recorded


def _write_attempts(results: Sequence[Result]) -> None:
    """One prepared statement for all rows: what bulk_update builds costs as much as the sending."""
    table = connections[database()].ops.quote_name(NotificationAttempt._meta.db_table)
    columns = ", ".join(f"{name} = %s" for name in _COLUMNS)
    with connections[database()].cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET {columns} WHERE id = %s",  # noqa: S608 - names of ours, values are parameters
            [_values(result) for result in results],
        )


def _values(result: Result) -> tuple[str | int | None, ...]:
    """The values of _COLUMNS and the attempt's key."""
    outcome = result.outcome
    done = result.is_acknowledged
    state = NotificationAttempt.State.ACKNOWLEDGED if done else NotificationAttempt.State.FAILED
    kept = answer.kept_text(outcome.body)
    address = outcome.address[:64]
    return (
        str(state),
        outcome.duration_ms,
        outcome.status,
        result.reason,
        kept,
        address,
        result.claimed.attempt_pk,
    )


def _write_notifications(recorded: Recorded) -> None:
    rows = Notification.objects.using(database())
    released = {"lease_until": None, "lease_token": ""}
    if recorded.delivered:
        rows.filter(pk__in=recorded.delivered).update(
            state=Notification.State.DELIVERED, delivered_at=Now(), last_reason="", **released
        )
    if recorded.dead:
        rows.filter(pk__in=recorded.dead).update(
            state=Notification.State.DEAD,
            alarmed_at=Now(),
            last_reason=_reasons(recorded, recorded.dead),
            **released,
        )
    if recorded.waiting:
        moments = [
            When(pk=pk, then=Now() + timedelta(seconds=delay)) for pk, delay in recorded.waiting.items()
        ]
        next_at = Case(*moments, output_field=DateTimeField())
        rows.filter(pk__in=recorded.waiting).update(
            next_at=next_at, last_reason=_reasons(recorded, recorded.waiting), **released
        )


def _reasons(recorded: Recorded, pks: Iterable[int]) -> Case:
    whens = [When(pk=pk, then=Value(recorded.reasons[pk])) for pk in pks]
    return Case(*whens, output_field=CharField())


def _tell(pks: Sequence[int]) -> None:
    try:
        give_up(list(Notification.objects.using(database()).filter(pk__in=pks)))
    except DatabaseError:
        logger.exception("notifications %s: given up; nobody else could be told", pks)


def give_up(rows: Iterable[Notification]) -> None:
    """Tell the log and whoever listens that these will not be tried again. Call after the commit."""
    for row in rows:
        logger.error(
            "notification %s to %s: given up after %d tries", row.message_id, row.endpoint, row.attempt_count
        )
        notification_exhausted.send_robust(sender=Notification, notification=row)
