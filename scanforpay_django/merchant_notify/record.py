"""Writing down what became of tries: a few statements for many rows, and only while their lease holds."""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import (
    DatabaseError,
    DataError,
    InterfaceError,
    InternalError,
    OperationalError,
    close_old_connections,
)

from scanforpay_django.merchant_notify import answer
from scanforpay_django.merchant_notify.claim import Claimed
from scanforpay_django.merchant_notify.endpoints import Try, note
from scanforpay_django.merchant_notify.retry import RetrySchedule
from scanforpay_django.merchant_notify.sql import record_outcomes, run_by_table, statements
from scanforpay_django.models import Notification, NotificationAttempt
from scanforpay_django.models.database import atomic, database
from scanforpay_django.signals import notification_exhausted
from scanforpay_django.transport import Outcome

logger = logging.getLogger(__name__)

_TRIES = 5
_PAUSE_SECONDS = 0.1


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
        return "" if self.is_acknowledged else answer.failure_reason(self.outcome)[:200]

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
            cap=self.claimed.cap,
            fills_cap=self.claimed.fills_cap,
        )


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What a batch came to."""

    delivered: int = 0
    # failed, to be tried again
    waiting: int = 0
    # given up
    exhausted: Sequence[int] = ()
    # the lease was lost, or the database did not take it: nothing was changed
    lost: int = 0


def next_delay(result: Result) -> float | None:
    """Seconds until the next try; None to give up.

    410 says that the address is gone for good. Retry-After is honoured up to twice the ladder's step.
    """
    if result.outcome.status == answer.GONE:
        return None
    delay = RetrySchedule(max_attempts=result.claimed.max_attempts).delay_after(result.claimed.tries)
    if delay is None or result.outcome.status not in {429, 503}:
        return delay
    return max(delay, min(result.outcome.retry_after_seconds, 2 * delay))


def record(results: Sequence[Result]) -> Recorded:
    """Write ``results``. A database that keeps failing lets the leases run out: they are sent again."""
    for number in range(_TRIES):
        try:
            recorded = _write_results(results)
        except DataError:
            logger.exception("recording %d tries failed for what is in them", len(results))
            return _one_by_one(results)
        except (OperationalError, InternalError, InterfaceError) as error:
            logger.warning("recording %d tries failed: %s", len(results), error)
            close_old_connections()
            time.sleep(_PAUSE_SECONDS * 2**number)
        else:
            _announce_exhausted(recorded.exhausted)
            return recorded
    return Recorded(lost=len(results))


def _one_by_one(results: Sequence[Result]) -> Recorded:
    """One that no database takes must not hold up the others: its lease runs out, and its tries are counted."""
    if len(results) == 1:
        return Recorded(lost=1)
    parts = [record([result]) for result in results]
    return Recorded(
        delivered=sum(part.delivered for part in parts),
        waiting=sum(part.waiting for part in parts),
        exhausted=[pk for part in parts for pk in part.exhausted],
        lost=sum(part.lost for part in parts),
    )


def _write_results(results: Sequence[Result]) -> Recorded:
    with atomic(durable=True):
        # Where a lease still holds: a worker that wakes too late finds another's.
        settled = record_outcomes([_notification_values(result) for result in results])
        ours = [result for result in results if result.claimed.pk in settled]
        if ours:
            run_by_table(statements().FINISH_ATTEMPTS, [_attempt_values(one) for one in ours])
            note([result.tried for result in ours])
    states = list(settled.values())
    return Recorded(
        delivered=states.count(Notification.State.DELIVERED),
        waiting=states.count(Notification.State.PENDING),
        exhausted=[pk for pk, state in settled.items() if state == Notification.State.EXHAUSTED],
        lost=len(results) - len(ours),
    )


def _notification_values(result: Result) -> dict[str, Any]:
    delay = None
    state = Notification.State.DELIVERED
    if not result.is_acknowledged:
        delay = next_delay(result)
        state = Notification.State.EXHAUSTED if delay is None else Notification.State.PENDING
    return {
        "id": result.claimed.pk,
        "lease_token": result.claimed.lease_token,
        "outcome": state.value,
        "delay": delay,
        "reason": result.reason,
    }


def _attempt_values(result: Result) -> dict[str, Any]:
    outcome = result.outcome
    done = result.is_acknowledged
    state = NotificationAttempt.State.ACKNOWLEDGED if done else NotificationAttempt.State.FAILED
    return {
        "id": result.claimed.attempt_pk,
        "outcome": state.value,
        "duration_ms": outcome.duration_ms,
        "http_status": outcome.status_read,
        "reason": result.reason,
        "answer": answer.kept_answer(outcome),
        "address": outcome.address[:64],
    }


def _announce_exhausted(pks: Sequence[int]) -> None:
    if not pks:
        return
    try:
        give_up(list(Notification.objects.using(database()).filter(pk__in=pks)))
    except DatabaseError:
        logger.exception("notifications %s: given up; the signal could not be sent", pks)


def give_up(rows: Iterable[Notification]) -> None:
    """Log that these will not be attempted again, and send the signal. Call after the commit."""
    for row in rows:
        logger.error(
            "notification %s to %s: given up after %d tries", row.message_id, row.endpoint, row.attempt_count
        )
        notification_exhausted.send_robust(sender=Notification, notification=row)
