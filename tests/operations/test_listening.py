"""A worker is woken at commits: by PostgreSQL, by SQLite's counter, by its own process; else its log says why not."""

import threading
from pathlib import Path

import pytest
from django.db import connection

from scanforpay_django.merchant_notify import worker_channel
from scanforpay_django.models import Notification
from scanforpay_django.operations import listening
from tests.deaf_pooler import deaf_pooler
from tests.operations.running import run
from tests.rows import Rows
from tests.transport.zoo import Zoo
from tests.waiting import wait_for
from tests.worker_process import backends, worker_that_sleeps

pytestmark = pytest.mark.django_db(transaction=True)


def is_delivered(notification: Notification) -> bool:
    return Notification.objects.filter(pk=notification.pk, state="delivered").exists()


def deliver_one(rows: Rows, url: str) -> None:
    notification = rows.notification(url)
    wait_for(lambda: is_delivered(notification))


@pytest.mark.woken
def test_a_commit_wakes_a_worker_of_another_process_and_sigterm_ends_it(
    rows: Rows, zoo: Zoo, tmp_path: Path
) -> None:
    with worker_that_sleeps(tmp_path / "log"):
        for _ in range(5):
            deliver_one(rows, zoo.answering(b"success"))
    assert len(zoo.requests) == 5
    assert (tmp_path / "log").read_text() == ""


def test_many_commits_at_once_leave_none_behind(rows: Rows, zoo: Zoo, tmp_path: Path) -> None:
    store, url = rows.store(), zoo.answering(b"success")
    with worker_that_sleeps(tmp_path / "log"):
        for _ in range(60):
            rows.notification(url, store)
        wait_for(lambda: Notification.objects.filter(state="delivered").count() == 60, 30)


def terminate(statement: str) -> set[int]:
    pids = backends(statement)
    assert pids
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s) AS pid", [list(pids)])
    return pids


@pytest.mark.postgres
def test_terminated_connections_are_opened_again_and_one_line_says_so(
    rows: Rows, zoo: Zoo, tmp_path: Path
) -> None:
    with worker_that_sleeps(tmp_path / "log"):
        deliver_one(rows, zoo.answering(b"success"))
        ended = terminate("LISTEN%")
        wait_for(lambda: backends("LISTEN%") - ended)
        deliver_one(rows, zoo.answering(b"success"))
        terminate("%pg_notify%")
        deliver_one(rows, zoo.answering(b"success"))
    assert (tmp_path / "log").read_text().count("is not woken") == 1


def run_until_delivered(rows: Rows, zoo: Zoo) -> None:
    """With a worker that sweeps."""
    stop = threading.Event()
    thread = run(stop)
    try:
        deliver_one(rows, zoo.answering(b"success"))
    finally:
        stop.set()
        thread.join(20)


def reasons(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [text for record in caplog.records if "is not woken" in (text := record.getMessage())]


@pytest.mark.postgres
def test_a_database_that_is_said_to_be_pooled_is_swept(
    rows: Rows, zoo: Zoo, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    run_until_delivered(rows, zoo)
    (reason,) = reasons(caplog)
    assert "pooler" in reason
    assert not backends("LISTEN%")


@pytest.mark.postgres
def test_behind_a_pooler_that_passes_no_notifications_on_it_sweeps_and_says_so_once(
    rows: Rows, zoo: Zoo, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "TRIAL_SECONDS", 0.5)
    settings = connection.settings_dict
    stop = threading.Event()
    with deaf_pooler(settings["HOST"] or "127.0.0.1", int(settings["PORT"] or 5432)) as port:
        monkeypatch.setitem(settings, "HOST", "127.0.0.1")
        monkeypatch.setitem(settings, "PORT", port)
        monkeypatch.setitem(settings, "OPTIONS", {**settings["OPTIONS"], "sslmode": "disable"})
        thread = run(stop)
        try:
            wait_for(lambda: reasons(caplog))
            deliver_one(rows, zoo.answering(b"success"))
        finally:
            stop.set()
            thread.join(20)
            worker_channel._notifier.close()
    (reason,) = reasons(caplog)
    assert "pooler" in reason
    assert "HOST and PORT" in reason


@pytest.mark.sqlite
def test_an_idle_worker_does_not_look_again_and_again(rows: Rows, zoo: Zoo, tmp_path: Path) -> None:
    """What it writes itself wakes it once: the counter of another connection comes to rest."""
    with worker_that_sleeps(tmp_path / "log"):
        deliver_one(rows, zoo.answering(b"success"))
        seen: list[tuple[int]] = []

        def rests() -> bool:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA data_version")
                seen.append(cursor.fetchone())
            return len(seen) > 20 and len(set(seen[-20:])) == 1

        wait_for(rests)
