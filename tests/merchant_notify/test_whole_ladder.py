"""All attempts of a notification, on each database, in a few seconds: the sandbox's clock is put forward."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.merchant_notify.retry import LADDER
from scanforpay_django.models import Notification, NotificationAttempt
from scanforpay_django.sandbox import moved_clock
from tests.rows import Rows
from tests.transport.zoo import Zoo


@pytest.mark.django_db(transaction=True)
def test_nineteen_attempts_of_84_hours_come_at_their_moments(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(b"fail"))
    Notification.objects.update(next_at=clock.now())
    due = []
    for _attempt in LADDER:
        notification.refresh_from_db()
        due.append(notification.next_at)
        moved_clock.forward(max(notification.next_at - clock.now(), timedelta(0)) + timedelta(seconds=1))
        assert drain(max_seconds=10).claimed == 1
    notification.refresh_from_db()
    assert notification.state == "exhausted"
    attempts = list(NotificationAttempt.objects.order_by("number"))
    assert len(attempts) == len(LADDER) == 19
    for attempt, moment in zip(attempts, due, strict=True):
        # A second was put on top, and another may be rounded to; the rest is what the sending takes.
        assert timedelta(0) <= attempt.started_at - moment < timedelta(seconds=60)
    for delay, before, after in zip(LADDER[1:], attempts[:-1], attempts[1:], strict=True):
        waited = (after.started_at - before.started_at).total_seconds()
        assert 0.8 * delay - 1 <= waited <= 1.2 * delay + 60
    assert clock.now() - clock.host_now() > timedelta(hours=60)
