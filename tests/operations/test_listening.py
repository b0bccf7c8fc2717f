"""A worker is woken at commits: by PostgreSQL, by SQLite's counter, by its own process; else its log says why not."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from scanforpay_django import checkout, handlers
from scanforpay_django.flows.call_handlers import call_again, enqueue_handler_calls
from scanforpay_django.merchant_notify import worker_channel
from scanforpay_django.models import HandlerCall, Notification, Order
from scanforpay_django.operations import listening
from tests.deaf_pooler import deaf_pooler
from tests.operations.running import run
from tests.rows import Rows
from tests.transport.zoo import Zoo
from tests.waiting import wait_for
from tests.worker_process import NEVER, backends, start, worker_that_sleeps

pytestmark = pytest.mark.django_db(transaction=True)


def is_delivered(notification: Notification) -> bool:
    return Notification.objects.filter(pk=notification.pk, state="delivered").exists()


def deliver_one(rows: Rows, url: str) -> None:
    notification = rows.notification(url)
    wait_for(lambda: is_delivered(notification))


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


def test_a_worker_in_the_same_process_is_woken_on_any_database(rows: Rows, zoo: Zoo) -> None:
    stop = threading.Event()
    thread = run(stop, sweep_seconds=NEVER)
    try:
        for _ in range(3):
            deliver_one(rows, zoo.answering(b"success"))
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


HANDLED: list[str] = []


def ship(order: Order) -> None:
    HANDLED.append(order.order_no)
    if len(HANDLED) == 1:
        raise ValueError("no stock")


@pytest.fixture
def shop() -> Iterator[None]:
    HANDLED.clear()
    checkout.on_paid(ship)
    yield
    handlers.unregister("paid", ship)


@pytest.mark.usefixtures("shop")
def test_an_order_without_a_notify_address_wakes_the_handlers(rows: Rows) -> None:
    order, stop = rows.order(""), threading.Event()
    thread = run(stop, sweep_seconds=NEVER)
    try:
        enqueue_handler_calls(order, "paid")
        wait_for(lambda: HandlerCall.objects.filter(attempt_count=1, lease_token="").exists())
        call_again(HandlerCall.objects.all())
        wait_for(lambda: HandlerCall.objects.filter(state="done").exists())
    finally:
        stop.set()
        thread.join(20)
    assert len(HANDLED) == 2


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


class Heard:
    """Of each notification the process that sent it, as PostgreSQL numbers them."""

    def __init__(self) -> None:
        self._own = worker_channel.make_own_connection()
        channel = worker_channel.read_channel(self._own)
        with self._own.cursor() as cursor:
            cursor.execute(f'LISTEN "{channel}"')
        self._senders: list[int] = []

    def __enter__(self) -> "Heard":
        return self

    def __exit__(self, *_: object) -> None:
        self._own.close()

    def senders(self) -> list[int]:
        raw: Any = self._own.connection
        raw.pgconn.consume_input()
        while notification := raw.pgconn.notifies():
            self._senders.append(notification.be_pid)
        return self._senders


@pytest.mark.postgres
def test_a_rollback_sends_nothing_and_nothing_is_sent_inside_the_transaction(rows: Rows) -> None:
    with Heard() as heard:
        with transaction.atomic():
            rows.notification("http://127.0.0.1:81/")
            transaction.set_rollback(True)
        for number in (1, 2):
            with transaction.atomic():
                rows.notification("http://127.0.0.1:81/")
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_backend_pid()")
                    own = cursor.fetchone()[0]
            wait_for(lambda number=number: len(heard.senders()) >= number)
        senders = heard.senders()
    assert len(senders) == 2
    assert own not in senders


def wake_up() -> None:
    RUNG.set()


RUNG = threading.Event()


@pytest.mark.postgres
def test_a_callable_takes_the_place_of_notify(rows: Rows, settings: Any) -> None:
    RUNG.clear()
    with Heard() as heard:
        settings.SCANFORPAY_WAKE_UP = f"{__name__}.wake_up"
        rows.notification("http://127.0.0.1:81/")
        assert RUNG.wait(15)
        settings.SCANFORPAY_WAKE_UP = None
        rows.notification("http://127.0.0.1:81/")
        wait_for(heard.senders)
        assert len(heard.senders()) == 1


FORKS = """
from scanforpay_django.merchant_notify.worker_channel import notify_worker
notify_worker()
pid = os.fork()
notify_worker()
if pid:
    assert os.waitpid(pid, 0)[1] == 0
    notify_worker()
"""


@pytest.mark.postgres
def test_a_forked_process_opens_a_connection_of_its_own() -> None:
    with Heard() as heard:
        forked = start(FORKS)
        assert forked.wait(timeout=30) == 0
        wait_for(lambda: len(heard.senders()) >= 4)
        parent, *_, last = heard.senders()
    assert len(heard._senders) == 4
    assert last == parent
    assert sorted(heard._senders.count(one) for one in set(heard._senders)) == [1, 3]


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


@pytest.mark.postgres
def test_each_schema_has_a_channel_of_its_own() -> None:
    """Channels belong to a database, and a database may hold several projects."""
    own = worker_channel.make_own_connection()
    first = worker_channel.read_channel(own)
    try:
        with own.cursor() as cursor:
            cursor.execute("CREATE SCHEMA another")
            cursor.execute(f"CREATE TABLE another.{Notification._meta.db_table} (id int)")
            cursor.execute("SET search_path = another, public")
        assert worker_channel.read_channel(own) != first
    finally:
        with own.cursor() as cursor:
            cursor.execute("DROP SCHEMA another CASCADE")
        own.close()
