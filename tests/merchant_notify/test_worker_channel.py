"""NOTIFY after the commit: what is sent, by which connection, and to whom."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from scanforpay_django.merchant_notify import worker_channel
from scanforpay_django.models import Notification
from tests.rows import Rows
from tests.waiting import wait_for
from tests.worker_process import start

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


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


def test_a_forked_process_opens_a_connection_of_its_own() -> None:
    with Heard() as heard:
        forked = start(FORKS)
        assert forked.wait(timeout=30) == 0
        wait_for(lambda: len(heard.senders()) >= 4)
        parent, *_, last = heard.senders()
    assert len(heard._senders) == 4
    assert last == parent
    assert sorted(heard._senders.count(one) for one in set(heard._senders)) == [1, 3]


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
