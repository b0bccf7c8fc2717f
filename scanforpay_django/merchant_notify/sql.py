"""The queue's statements for the database in use, and running them.

The ORM takes longer to write them than a database to answer, so each database has a class that writes them out, in
``sql_postgresql``, ``sql_mysql`` and ``sql_sqlite``. They have named parameters; ``clock_offset`` is always among them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from scanforpay_django import clock
from scanforpay_django.fields import stored_moment
from scanforpay_django.merchant_notify.sql_mysql import MySQLStatements
from scanforpay_django.merchant_notify.sql_postgresql import PostgreSQLStatements
from scanforpay_django.merchant_notify.sql_sqlite import SQLiteStatements
from scanforpay_django.models.database import connection


class Statements(Protocol):
    """What the class for a database offers. Capitals are statements; a list is made by ``list_parameter``, and a
    statement that takes a table goes through ``with_table``.
    """

    #: one row if anything may be claimed
    IS_ANYTHING_DUE: str
    #: of each endpoint how many messages are being sent, and how many of them have no more than ``seconds`` of their
    #: lease left
    COUNT_LEASED: str
    #: those endpoints that no other claim holds; this one holds them until its transaction has ended: a table of
    #: ``endpoint``
    HOLD_ENDPOINTS: str
    #: "", or lets go of them, where no transaction does
    RELEASE_ENDPOINTS: str
    #: partner and endpoint of what is due, oldest first, a row for each message: ``limit``
    FIND_OLDEST: str
    #: the same, latest first
    FIND_NEWEST: str
    #: keys of the next partners that have anything pending: ``after`` a key, at most ``limit``
    NEXT_PARTNERS: str
    #: of each partner the next endpoints that have anything pending, in their order, and whether anything of theirs is
    #: due: a table of ``partner``, ``last_endpoint`` ("" to begin); at most ``visits`` of each
    NEXT_ENDPOINTS: str
    #: takes a lease: ``seconds``, ``token``, list ``ids``
    LEASE: str
    #: locks what is due of endpoints, oldest first, and reads what ``claim`` needs; at most ``limit``: a table of
    #: ``partner``, ``endpoint``, ``most``, ``recovered_at`` (when its breaker closed, or None), ``only_newer`` (than
    #: that)
    TAKE: str
    #: a row for each attempt; returns notification and attempt, or ``FIND_BEGUN`` does: list ``ids`` of notifications
    BEGIN_ATTEMPTS: str
    #: "", or what BEGIN_ATTEMPTS cannot return
    FIND_BEGUN: str
    #: "", or what RECORD_OUTCOMES cannot return, locked: to be run before it, with the same table
    FIND_HELD: str
    #: what became of messages whose lease still holds; returns id and state, or ``FIND_HELD`` does. No alarm where the
    #: merchant has learned by query: a table of ``id``, ``lease_token``, ``outcome``, ``delay`` (None to keep
    #: next_at), ``reason``
    RECORD_OUTCOMES: str
    #: what became of attempts: a table of ``id``, ``outcome``, ``duration_ms``, ``http_status``, ``reason``,
    #: ``answer``, ``address``
    FINISH_ATTEMPTS: str
    #: keys of the endpoints that failed last time: list ``keys``
    FIND_FAILING: str
    #: key, cap, and whether its breaker is open, or was in the last ``seconds``: list ``keys``
    FIND_LIMITS: str

    def list_parameter(self, values: Sequence[Any]) -> Any:
        """A list as this database takes it."""

    def with_table(self, statement: str, rows: Sequence[Mapping[str, Any]]) -> tuple[str, dict[str, Any]]:
        """The statement for a table of these rows, at least one, and the table's parameters."""


#: by ``connection.vendor``
STATEMENTS: Mapping[str, Statements] = {
    "mysql": MySQLStatements(),
    "postgresql": PostgreSQLStatements(),
    "sqlite": SQLiteStatements(),
}
_OLD_MARIADB = MySQLStatements(skips_locked=False)


def statements() -> Statements:
    """Those for the queue's database. A system check refuses databases without any."""
    vendor = connection().vendor
    if vendor == "mysql" and not connection().features.has_select_for_update_skip_locked:
        return _OLD_MARIADB
    return STATEMENTS[vendor]


def moment_parameter(moment: datetime) -> Any:
    """A moment as the queue's database stores it."""
    return stored_moment(moment, connection())


def fetch(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """The rows that a statement returns."""
    with connection().cursor() as cursor:
        cursor.execute(statement, {"clock_offset": clock.offset_seconds(), **parameters})
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def run(statement: str, **parameters: Any) -> None:
    """Execute a statement that returns nothing."""
    with connection().cursor() as cursor:
        cursor.execute(statement, {"clock_offset": clock.offset_seconds(), **parameters})


def fetch_by_table(
    statement: str, rows: Sequence[Mapping[str, Any]], **parameters: Any
) -> list[tuple[Any, ...]]:
    """The same of a statement that takes a table."""
    written, table = statements().with_table(statement, rows)
    return fetch(written, **table, **parameters)


def run_by_table(statement: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """The same of a statement that returns nothing."""
    written, table = statements().with_table(statement, rows)
    run(written, **table)


def hold_endpoints(keys: Iterable[str]) -> set[str]:
    """Those of these endpoints that no other claim holds. Call inside the claiming transaction, and afterwards
    ``release_endpoints``.
    """
    rows = [{"endpoint": key} for key in keys]
    return {key for (key,) in fetch_by_table(statements().HOLD_ENDPOINTS, rows)}


def release_endpoints() -> None:
    """Let go of them. Call after the transaction, however it ended."""
    sql = statements()
    if sql.RELEASE_ENDPOINTS and connection().connection is not None:
        run(sql.RELEASE_ENDPOINTS)


def begin_attempts(ids: Sequence[int]) -> dict[int, int]:
    """Write a row for the next attempt of each notification; notification's key -> attempt's key."""
    sql, listed = statements(), statements().list_parameter(ids)
    if not sql.FIND_BEGUN:
        return dict(fetch(sql.BEGIN_ATTEMPTS, ids=listed))
    run(sql.BEGIN_ATTEMPTS, ids=listed)
    return dict(fetch(sql.FIND_BEGUN, ids=listed))


def record_outcomes(rows: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Write what became of notifications, where their lease holds; key -> the new state. Rows as ``RECORD_OUTCOMES``
    takes them.
    """
    sql = statements()
    if not sql.FIND_HELD:
        return dict(fetch_by_table(sql.RECORD_OUTCOMES, rows))
    held = dict(fetch_by_table(sql.FIND_HELD, rows))
    if held:
        run_by_table(sql.RECORD_OUTCOMES, rows)
    return held
