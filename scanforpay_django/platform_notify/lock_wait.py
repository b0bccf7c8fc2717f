"""How long an inbound call may wait for SQLite's one write lock."""

from collections.abc import Iterator
from contextlib import contextmanager

from scanforpay_django.models.database import connection

# A platform takes an answer later than five seconds for none: "again" in time is better than "yes" too late.
WAIT_MILLISECONDS = 3500


@contextmanager
def short_lock_wait() -> Iterator[None]:
    """On SQLite, wait less than the platform does; other databases have their own lock_timeout."""
    database = connection()
    if database.vendor != "sqlite":
        yield
        return
    database.ensure_connection()
    before = database.connection.execute("PRAGMA busy_timeout").fetchone()[0]
    database.connection.execute(f"PRAGMA busy_timeout = {WAIT_MILLISECONDS}")
    try:
        yield
    finally:
        database.connection.execute(f"PRAGMA busy_timeout = {int(before)}")
