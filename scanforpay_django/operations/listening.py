"""How ``scanforpay_worker`` learns of commits in other processes: from PostgreSQL by LISTEN, from SQLite by looking.

Where neither is to be had, one line of the log says so, and what to do; the worker's sweep delivers then.
"""

import contextlib
import logging
import selectors
import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, InterfaceError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from scanforpay_django.conf import conf
from scanforpay_django.merchant_notify.worker_channel import (
    can_notify,
    make_own_connection,
    notify_worker,
    read_channel,
)
from scanforpay_django.merchant_notify.worker_woken import worker_woken
from scanforpay_django.models.database import connection

logger = logging.getLogger(__name__)

#: between two looks at SQLite's change counter
LOOK_SECONDS = 0.005
#: how long the worker's own NOTIFY may take to come back
TRIAL_SECONDS = 5.0
#: a connection over which nothing comes is tried after so long: its other end may be gone
KEEPALIVE_SECONDS = 30.0
_STOP_SECONDS = 0.25
_FIRST_BACKOFF_SECONDS = 0.25
_LONGEST_BACKOFF_SECONDS = 30.0

NEEDS_PSYCOPG = (
    'LISTEN and NOTIFY need psycopg 3. Install it: pip install "psycopg[binary]", and remove psycopg2.'
)
IS_POOLED = (
    "a pooler in transaction mode stands before PostgreSQL, and LISTEN does not work through it. Let the worker "
    "connect to PostgreSQL itself: in its environment HOST and PORT of DATABASES are the server's, and "
    "DISABLE_SERVER_SIDE_CURSORS is left out."
)
IS_ANOTHER_DATABASE = "only PostgreSQL and SQLite tell of commits. Use one of these to have it woken."


class NothingHeard(Exception):
    """LISTEN was accepted and nothing came."""


def listen(stop: threading.Event, sweep_seconds: float) -> None:
    """Send ``worker_woken`` when another process has committed, until ``stop``; failures are logged and waited out.

    Returns at once where that cannot be. ``sweep_seconds`` is for the log.
    """
    listener = _Listener(stop)
    obstacle = ""
    try:
        vendor = connection().vendor
        if vendor == "sqlite":
            listener.keep_up(listener.watch_changes)
        elif conf.has_wake_up:
            logger.info(
                "SCANFORPAY_WAKE_UP is set: nothing wakes this worker, it looks every %g s", sweep_seconds
            )
        elif not (obstacle := _find_obstacle()):
            listener.keep_up(listener.receive)
    except NothingHeard:
        obstacle = IS_POOLED
    finally:
        connections.close_all()
    if obstacle:
        logger.warning("the worker is not woken at commits and looks every %g s: %s", sweep_seconds, obstacle)


def _find_obstacle() -> str:
    """Why LISTEN need not be tried; "" if it may work."""
    shared = connection()
    if shared.vendor != "postgresql":
        return IS_ANOTHER_DATABASE
    if not can_notify():
        return NEEDS_PSYCOPG
    # Django's documentation has it set behind such a pooler.
    return IS_POOLED if shared.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS") else ""


class _Listener:
    """One connection of its own, opened again whenever it fails."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._failures = 0
        self._has_heard = False

    def keep_up(self, work: Callable[[BaseDatabaseWrapper], None]) -> None:
        """Do ``work`` with a connection until the stop. Raises NothingHeard."""
        while not self._stop.is_set():
            own = make_own_connection()
            try:
                work(own)
            except NothingHeard:
                raise
            except Exception as error:  # noqa: BLE001 - the sweep delivers meanwhile
                self._wait_out(error)
            finally:
                with contextlib.suppress(DatabaseError, InterfaceError):
                    own.close()

    def _wait_out(self, error: Exception) -> None:
        """The first failure is logged; those that follow it are the same."""
        level = logging.DEBUG if self._failures else logging.WARNING
        logger.log(level, "the worker is not woken at commits until the database answers again: %r", error)
        self._stop.wait(min(_FIRST_BACKOFF_SECONDS * 2 ** min(self._failures, 10), _LONGEST_BACKOFF_SECONDS))
        self._failures += 1

    def _begin(self) -> None:
        """From now on nothing is missed; what came before is looked for."""
        if self._failures:
            logger.info("the worker is woken at commits again")
        self._failures = 0
        worker_woken.send()

    # SQLite ------------------------------------------------------------------------------------

    def watch_changes(self, own: BaseDatabaseWrapper) -> None:
        """Look at the counter that changes when another connection commits. Deliveries are recorded by one too: that
        wakes the worker once more, which finds nothing and writes nothing.
        """
        own.ensure_connection()
        raw: Any = own.connection
        seen = None
        with own.wrap_database_errors:
            while not self._stop.wait(LOOK_SECONDS):
                version = raw.execute("PRAGMA data_version").fetchone()
                if version != seen:
                    self._begin()
                seen = version

    # PostgreSQL --------------------------------------------------------------------------------

    def receive(self, own: BaseDatabaseWrapper) -> None:
        """LISTEN until the stop. Raises the database's errors, and NothingHeard where LISTEN never worked."""
        channel = read_channel(own)
        with own.cursor() as cursor:
            cursor.execute(f"LISTEN {own.ops.quote_name(channel)}")
        raw: Any = own.connection
        with selectors.DefaultSelector() as selector:
            selector.register(raw.fileno(), selectors.EVENT_READ)
            if not self._has_heard:
                self._try_out(own, selector)
            self._begin()
            while not self._stop.is_set():
                if not self._hear(own, selector, KEEPALIVE_SECONDS):
                    with own.cursor() as cursor:
                        cursor.execute("SELECT 1")
                # Also after that: it reads a notification away.
                worker_woken.send()

    def _try_out(self, own: BaseDatabaseWrapper, selector: selectors.BaseSelector) -> None:
        """Over another connection: a pooler might hand this one's NOTIFY back, and nothing afterwards."""
        notify_worker()
        self._has_heard = self._hear(own, selector, TRIAL_SECONDS)
        if not self._has_heard and not self._stop.is_set():
            with own.cursor() as cursor:
                cursor.execute("UNLISTEN *")
            raise NothingHeard

    def _hear(self, own: BaseDatabaseWrapper, selector: selectors.BaseSelector, seconds: float) -> bool:
        """Whether a notification comes within ``seconds`` and before the stop."""
        raw: Any = own.connection
        ends_at = time.monotonic() + seconds
        while not self._stop.is_set() and (left := ends_at - time.monotonic()) > 0:
            if selector.select(min(left, _STOP_SECONDS)):
                with own.wrap_database_errors:
                    raw.pgconn.consume_input()
                    if raw.pgconn.notifies():
                        _read_all(raw.pgconn)
                        return True
        return False


def _read_all(pgconn: Any) -> None:
    """What waits is one wake-up."""
    while pgconn.notifies():
        pass
