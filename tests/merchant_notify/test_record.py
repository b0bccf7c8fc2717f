"""Recording how attempts ended."""

from typing import Any

import pytest
from django.db import transaction

from scanforpay_django import clock
from scanforpay_django.merchant_notify import record as recording
from scanforpay_django.merchant_notify.claim import claim
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.merchant_notify.record import Result
from scanforpay_django.models import Notification
from scanforpay_django.signals import notification_exhausted
from scanforpay_django.transport import Outcome
from tests.rows import Rows
from tests.transport.zoo import Zoo, closed_port, whole

pytestmark = pytest.mark.django_db(transaction=True)

State = Notification.State


def fresh(notification: Notification) -> Notification:
    notification.refresh_from_db()
    return notification


def test_a_batch_of_all_kinds_of_ends_is_recorded(rows: Rows, zoo: Zoo) -> None:
    made = {
        "early": rows.notification(zoo.answering(b"fail")),
        "spread": rows.notification(zoo.answering(b"fail"), attempt_count=5),
        "asked to wait": rows.notification(zoo.answering(whole(b"", b"503 Busy", b"Retry-After: 20"))),
        "last": rows.notification(zoo.answering(b"fail"), attempt_count=18),
        "refused": rows.notification(f"http://127.0.0.1:{closed_port()}/"),
        "taken": rows.notification(zoo.answering(b"success")),
    }
    taken = claim(64).taken
    outcomes = {
        "early": Outcome(status=200, body=b"fail"),
        "spread": Outcome(status=500),
        "asked to wait": Outcome(status=503, retry_after_seconds=20.0),
        "last": Outcome(status=404, body=b"\0 %s ' \" \\ {} " + "é".encode()),
        "refused": Outcome(status=None, reason="connection refused"),
        "taken": Outcome(status=200, body=b"success", address="127.0.0.1"),
    }
    names = {row.pk: name for name, row in made.items()}
    recorded = recording.record([Result(claimed=one, outcome=outcomes[names[one.pk]]) for one in taken])
    assert (recorded.delivered, recorded.waiting, len(recorded.exhausted), recorded.lost) == (1, 4, 1, 0)
    waits = {
        name: (fresh(row).next_at - clock.now()).total_seconds()
        for name, row in made.items()
        if fresh(row).state == State.PENDING
    }
    assert 10 < waits["early"] <= 15 < waits["asked to wait"] <= 20 < 900 < waits["spread"]
    assert made["last"].attempts.get().answer == "\ufffd %s ' \" \\ {} é"


@pytest.mark.postgres
def test_what_no_database_takes_holds_up_nobody_else(
    rows: Rows, zoo: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording.answer, "kept_text", lambda body: body.decode())
    bad, good = rows.notification(zoo.answering(b"fail\0")), rows.notification(zoo.answering(b"success"))
    report = drain()
    assert (report.delivered, report.lost) == (1, 1)
    assert (fresh(good).state, fresh(bad).state) == (State.DELIVERED, State.PENDING)


def test_the_last_failure_is_told(rows: Rows, zoo: Zoo, caplog: pytest.LogCaptureFixture) -> None:
    told = []

    def listen(notification: Notification, **_: Any) -> None:
        told.append((notification.pk, notification.state, transaction.get_connection().in_atomic_block))

    notification_exhausted.connect(listen)
    try:
        notification = rows.notification(zoo.answering(b"fail"), attempt_count=18)
        drain()
    finally:
        notification_exhausted.disconnect(listen)
    assert fresh(notification).state == State.EXHAUSTED
    assert told == [(notification.pk, State.EXHAUSTED, False)]
    assert "given up after 19 tries" in caplog.text


def test_recording_outlives_a_database_that_fails_for_a_moment(
    rows: Rows, zoo: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([True, True, False])
    real = recording._write_results

    def flaky(results: Any) -> Any:
        if next(failures):
            raise recording.OperationalError("gone")
        return real(results)

    monkeypatch.setattr(recording, "_write_results", flaky)
    monkeypatch.setattr(recording, "_PAUSE_SECONDS", 0.001)
    rows.notification(zoo.answering(b"success"))
    assert drain().delivered == 1
