"""How long an inbound call may wait for SQLite's one write lock."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# A platform takes an answer later than five seconds for none: "again" in time is better than "yes" too late.
WAIT_MILLISECONDS = 3500


@contextmanager
def short_lock_wait() -> Iterator[None]:
    """On SQLite, wait less than the platform does; other databases have their own lock_timeout."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        before = int(cursor.fetchone()[0])
        cursor.execute(f"PRAGMA busy_timeout = {WAIT_MILLISECONDS}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {before}")
