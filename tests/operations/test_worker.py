"""The worker without Celery."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from scanforpay_django.models import Notification, WorkerBeat
from scanforpay_django.operations import worker
from tests.operations.running import run
from tests.rows import Rows
from tests.transport.zoo import Zoo
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_loop_delivers_what_comes_and_does_the_jobs(rows: Rows, zoo: Zoo) -> None:
    stop, done = threading.Event(), []
    thread = run(stop, jobs=[lambda: done.append(1), lambda: done.append(2)])
    try:
        for _ in range(3):
            rows.notification(zoo.answering(b"success"))
            time.sleep(0.1)
        assert wait_for(lambda: Notification.objects.filter(state="delivered").count() == 3)
        assert {1, 2} <= set(done)
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


def test_it_says_that_it_is_alive_and_that_it_has_ended(rows: Rows) -> None:
    stop = threading.Event()
    thread = run(stop)
    try:
        assert wait_for(lambda: WorkerBeat.objects.filter(kind="worker").count() == 1)
    finally:
        stop.set()
        thread.join(10)
    assert not WorkerBeat.objects.exists()


def test_a_loop_that_stands_still_is_not_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "BEAT_SECONDS", 0.0)
    monkeypatch.setattr(worker, "LATE", timedelta(seconds=0.2))
    stop, hold = threading.Event(), threading.Event()
    monkeypatch.setattr(worker, "drain", lambda **_: hold.wait(30))
    thread = run(stop)
    try:
        assert wait_for(WorkerBeat.objects.exists)

        def says_nothing_more() -> bool:
            WorkerBeat.objects.all().delete()
            time.sleep(0.3)
            return not WorkerBeat.objects.exists()

        assert wait_for(says_nothing_more)
    finally:
        stop.set()
        hold.set()
        thread.join(10)


@pytest.mark.slow
def test_a_job_that_fails_keeps_no_other_from_being_done(caplog: pytest.LogCaptureFixture) -> None:
    def fails() -> None:
        raise RuntimeError("every time")

    stop, done = threading.Event(), []
    thread = run(stop, jobs=[fails, lambda: done.append(1), fails])
    try:
        assert wait_for(lambda: len(done) > 1)
    finally:
        stop.set()
        thread.join(10)
    assert caplog.text.count("RuntimeError: every time") >= 2


def test_a_message_that_comes_while_another_shop_hangs_does_not_wait(rows: Rows, zoo: Zoo) -> None:
    rows.notification(zoo.answering(b"success", seconds=3))
    stop = threading.Event()
    thread = run(stop)
    try:
        assert wait_for(lambda: len(zoo.requests) == 1)
        other = rows.notification(zoo.answering(b"success"))
        assert wait_for(lambda: Notification.objects.get(pk=other.pk).state == "delivered", 2.5)
    finally:
        stop.set()
        thread.join(10)
    assert Notification.objects.filter(state="delivered").count() == 2


@pytest.mark.slow
def test_hanging_shops_do_not_use_up_the_slots(rows: Rows, zoo: Zoo, settings: Any) -> None:
    settings.SCANFORPAY_NOTIFY_CONCURRENCY = 2
    for _ in range(4):
        rows.notification(zoo.answering(b"success", seconds=4))
    healthy = rows.notification(zoo.answering(b"success"))
    stop = threading.Event()
    thread = run(stop)
    try:
        assert wait_for(lambda: Notification.objects.get(pk=healthy.pk).state == "delivered", 3.9)
    finally:
        stop.set()
        thread.join(10)


def test_the_loop_outlives_the_database(
    rows: Rows, zoo: Zoo, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real, failures = worker.drain, iter([True, True])

    def flaky(**options: Any) -> Any:
        if next(failures, False):
            raise OperationalError("gone")
        return real(**options)

    monkeypatch.setattr(worker, "drain", flaky)
    rows.notification(zoo.answering(b"success"))
    stop = threading.Event()
    thread = run(stop)
    assert wait_for(lambda: Notification.objects.filter(state="delivered").exists())
    stop.set()
    thread.join(10)
    assert caplog.text.count("the database failed") == 2
