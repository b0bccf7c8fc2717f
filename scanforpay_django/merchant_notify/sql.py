"""The queue's statements for the database in use, and running them.

The ORM takes longer to write them than a database to answer, so each database has a class that writes them out, in
``sql_postgresql`` and ``sql_sqlite``. They have named parameters; ``clock_offset`` is always among them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from scanforpay_django.merchant_notify.sql_postgresql import PostgreSQLStatements
from scanforpay_django.merchant_notify.sql_sqlite import SQLiteStatements
from scanforpay_django.models.database import connection
from scanforpay_django.models.moments import clock_offset_seconds


class Statements(Protocol):
    """What the class for a database offers. Capitals are statements; a list is made by ``list_parameter``."""

    #: one row if anything may be claimed
    IS_ANYTHING_DUE: str
    #: of each endpoint how many messages are being sent, and how many of them have no more than ``seconds`` of their
    #: lease left
    COUNT_LEASED: str
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
    #: a row for each attempt; returns notification and attempt: list ``ids`` of notifications
    BEGIN_ATTEMPTS: str
    #: what became of messages whose lease still holds; returns id and state. No alarm where the merchant has learned
    #: by query: a table of ``id``, ``lease_token``, ``outcome``, ``delay`` (None to keep next_at), ``reason``
    RECORD_OUTCOMES: str
    #: what became of attempts: a table of ``id``, ``outcome``, ``duration_ms``, ``http_status``, ``reason``,
    #: ``answer``, ``address``
    FINISH_ATTEMPTS: str
    #: keys of the endpoints that failed last time: list ``keys``
    FIND_FAILING: str
    #: key, cap, and whether its breaker is open, or was in the last ``seconds``: list ``keys``
    FIND_LIMITS: str

    def take(self, rows: int) -> str:
        """Locks what is due of endpoints, oldest first, and reads what ``claim`` needs; at most ``limit``."""

    def take_parameters(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """For ``take``: a table of ``partner``, ``endpoint``, ``most``, ``recovered_at`` (when its breaker closed, or
        None), ``only_newer`` (than that). At least one row.
        """

    def list_parameter(self, values: Sequence[Any]) -> Any:
        """A list as this database takes it."""

    def table_parameters(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """A table as this database takes it. At least one row."""


#: by ``connection.vendor``
STATEMENTS: Mapping[str, Statements] = {"postgresql": PostgreSQLStatements(), "sqlite": SQLiteStatements()}


def statements() -> Statements:
    """Those for the queue's database. A system check refuses databases without any."""
    return STATEMENTS[connection().vendor]


def moment_parameter(moment: datetime) -> Any:
    """A moment as the queue's database stores it."""
    return connection().ops.adapt_datetimefield_value(moment)


def fetch(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """The rows that a statement returns."""
    with connection().cursor() as cursor:
        cursor.execute(statement, {"clock_offset": clock_offset_seconds(), **parameters})
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def run(statement: str, **parameters: Any) -> None:
    """Execute a statement that returns nothing."""
    with connection().cursor() as cursor:
        cursor.execute(statement, {"clock_offset": clock_offset_seconds(), **parameters})
