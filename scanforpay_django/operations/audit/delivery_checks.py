"""The queue of notifications: what would never be sent, or fail without an alarm."""

from datetime import timedelta

from django.db.models import Exists, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from scanforpay_django import clock
from scanforpay_django.conf import conf
from scanforpay_django.models import Notification, NotificationAttempt
from scanforpay_django.models.moments import database_now
from scanforpay_django.operations.alarms import MAIL_LEASE
from scanforpay_django.operations.audit.check import Check, Rows

PENDING = Notification.State.PENDING
#: the ladder's longest step is a day, and two with its jitter and Retry-After
MAX_DELIVERY_DELAY = timedelta(days=3)


def _leased_too_long(rows: Rows) -> Rows:
    return rows.filter(
        state=PENDING, lease_until__gt=database_now() + timedelta(seconds=2 * conf.notify_lease_seconds)
    )


def _leased_although_done(rows: Rows) -> Rows:
    """Of what was given up a mail may be on its way."""
    around_now = (database_now() - MAIL_LEASE, database_now() + 2 * MAIL_LEASE)
    is_mailed = Q(state=Notification.State.EXHAUSTED, mailed_at__isnull=True, lease_until__range=around_now)
    return rows.exclude(state=PENDING).filter(lease_until__isnull=False).exclude(is_mailed)


def _release(pk: int) -> bool:
    held = Notification.objects.filter(pk=pk).filter(~Q(state=PENDING) | Q(lease_until__gt=database_now()))
    return bool(held.update(lease_until=None, lease_token=""))


def _alarm(pk: int) -> bool:
    silent = Notification.objects.filter(pk=pk, state=Notification.State.EXHAUSTED, alarmed_at__isnull=True)
    return bool(silent.update(alarmed_at=database_now()))


def _wait_no_longer(pk: int) -> bool:
    waiting = Notification.objects.filter(
        pk=pk, state=PENDING, next_at__gt=database_now() + MAX_DELIVERY_DELAY
    )
    return bool(waiting.update(next_at=database_now()))


def _miscounted(rows: Rows) -> Rows:
    tries = NotificationAttempt.objects.filter(notification=OuterRef("pk")).order_by()
    last = Subquery(tries.values("notification").annotate(last=Max("number")).values("last"))
    found: Rows = rows.annotate(last=Coalesce(last, 0)).filter(attempt_count__lt=F("last"))
    return found


def _count_attempts(pk: int) -> bool:
    last = NotificationAttempt.objects.filter(notification=pk).aggregate(last=Max("number"))["last"] or 0
    return bool(Notification.objects.filter(pk=pk, attempt_count__lt=last).update(attempt_count=last))


def _left_sending(rows: Rows) -> Rows:
    """A worker that sends holds a lease; the next claim takes one that has just run out."""
    held = Notification.objects.filter(pk=OuterRef("notification"), state=PENDING, lease_until__isnull=False)
    return rows.filter(
        state=NotificationAttempt.State.SENDING, started_at__lt=clock.now() - timedelta(minutes=10)
    ).exclude(Exists(held))


def _end_try(pk: int) -> bool:
    sending = NotificationAttempt.objects.filter(pk=pk, state=NotificationAttempt.State.SENDING)
    return bool(sending.update(state=NotificationAttempt.State.UNKNOWN))


DELIVERY_CHECKS = (
    Check(
        code="leased-too-long",
        invariant=0,
        text="The notification is held for longer than any worker may hold it.",
        rows=Notification.objects.all(),
        find=_leased_too_long,
        repair=_release,
    ),
    Check(
        code="leased-although-done",
        invariant=0,
        text="The notification is done, but a worker still holds it.",
        rows=Notification.objects.all(),
        find=_leased_although_done,
        repair=_release,
    ),
    Check(
        code="given-up-without-alarm",
        invariant=3,
        text="The notification was given up without an alarm.",
        rows=Notification.objects.all(),
        find=lambda rows: rows.filter(state=Notification.State.EXHAUSTED, alarmed_at__isnull=True),
        repair=_alarm,
    ),
    Check(
        code="waits-too-long",
        invariant=3,
        text="The notification's next try is further away than any step of the ladder.",
        rows=Notification.objects.all(),
        find=lambda rows: rows.filter(state=PENDING, next_at__gt=database_now() + MAX_DELIVERY_DELAY),
        repair=_wait_no_longer,
    ),
    Check(
        code="tries-miscounted",
        invariant=0,
        text="There are more tries than the notification counts: the next one could not be written.",
        rows=Notification.objects.all(),
        find=_miscounted,
        repair=_count_attempts,
    ),
    Check(
        code="try-without-worker",
        invariant=0,
        text="The attempt is marked as under way, but no worker holds its notification.",
        rows=NotificationAttempt.objects.all(),
        find=_left_sending,
        repair=_end_try,
    ),
)
