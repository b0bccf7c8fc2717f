"""PostgreSQL's LISTEN and NOTIFY: what ``scanforpay_worker`` is woken by when SCANFORPAY_WAKE_UP is not set.

A NOTIFY inside the transaction that writes a notification would take a lock of the whole database server at its COMMIT.
So it is sent afterwards, by a connection that is used for nothing else and stays open.
"""

import contextlib
import os
import threading
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.db.backends.base.base import NO_DB_ALIAS, BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from scanforpay_django.models import Notification
from scanforpay_django.models.database import connection

CONNECT_SECONDS = 5
#: how long the end of a test database waits for a NOTIFY under way
_CLOSE_SECONDS = 2.0


def can_notify() -> bool:
    """Whether the queue's database is PostgreSQL, reached by psycopg 3."""
    shared: Any = connection()
    return bool(shared.vendor == "postgresql" and shared.Database.__name__ == "psycopg")


def make_own_connection() -> BaseDatabaseWrapper:
    """A connection to the queue's database beside Django's own: neither pooled, nor closed with a request.

    Not open yet. Any thread may use it, one at a time.
    """
    shared = connection()
    options = {**shared.settings_dict["OPTIONS"]}
    options.pop("pool", None)
    if shared.vendor == "postgresql":
        options.setdefault("connect_timeout", CONNECT_SECONDS)
    own = type(shared)({**shared.settings_dict, "OPTIONS": options, "AUTOCOMMIT": True}, shared.alias)
    own.inc_thread_sharing()
    return own


def read_channel(own: BaseDatabaseWrapper) -> str:
    """The channel's name. Channels belong to a database: the table's number tells schemas in it apart.

    Raises the database's errors, ProgrammingError where the table does not exist.
    """
    table = own.ops.quote_name(Notification._meta.db_table)
    with own.cursor() as cursor:
        cursor.execute("SELECT CAST(%s AS regclass)::oid", [table])
        return f"scanforpay_{cursor.fetchone()[0]}"


class Notifier:
    """Sends NOTIFY on a connection that is kept open."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._own: BaseDatabaseWrapper | None = None
        self._channel = ""

    def notify(self) -> None:
        """Wake the workers that listen. Raises the database's errors when a new connection fails as well."""
        with self._lock:
            was_kept = self._own is not None
            try:
                self._send()
            except (DatabaseError, InterfaceError):
                self._close()
                if not was_kept:
                    raise
                self._send_or_close()

    def _send_or_close(self) -> None:
        try:
            self._send()
        except (DatabaseError, InterfaceError):
            self._close()
            raise

    def _send(self) -> None:
        if self._own is None:
            self._own = make_own_connection()
            self._channel = read_channel(self._own)
        # Nothing is written: its COMMIT need not wait for the disk. Until its end only, for behind a pooler the
        # session is used by others next.
        with self._own.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('synchronous_commit', 'off', true), pg_notify(%s, '')", [self._channel]
            )

    def _close(self) -> None:
        own, self._own = self._own, None
        if own is not None:
            with contextlib.suppress(DatabaseError, InterfaceError):
                own.close()

    def close(self) -> None:
        """Close the connection; the next NOTIFY opens another."""
        if self._lock.acquire(timeout=_CLOSE_SECONDS):
            try:
                self._close()
            finally:
                self._lock.release()

    def leave_to_parent(self) -> None:
        """Give the connection's descriptor up in a forked process: closing the connection would end the parent's."""
        raw: Any = self._own.connection if self._own is not None else None
        if raw is not None and not raw.closed:
            os.close(raw.fileno())


_notifier = Notifier()
# A connection that was inherited is never used again; to collect it would warn that it is open.
_inherited: list[Notifier] = []


def notify_worker() -> None:
    """Wake the workers that listen to this database, in any process. Raises the database's errors.

    Call it after the commit and not in a request: it waits for the database.
    """
    _notifier.notify()


def _renew() -> None:
    global _notifier
    inherited, _notifier = _notifier, Notifier()
    _inherited.append(inherited)
    inherited.leave_to_parent()


os.register_at_fork(after_in_child=_renew)


def _make_way(connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
    """Django connects without a database to create or drop a test database, which no connection may use then."""
    if connection.alias == NO_DB_ALIAS:
        _notifier.close()


connection_created.connect(_make_way)
