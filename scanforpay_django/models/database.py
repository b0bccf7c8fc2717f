"""The database that holds this app's tables: a project's DATABASE_ROUTERS may lead them to another one than its own.

Transactions, locks and what waits for a COMMIT belong to that one.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from scanforpay_django.models.merchant import Partner

_View = TypeVar("_View", bound=Callable[..., Any])


def database() -> str:
    """The alias of the database that holds this app's tables."""
    return router.db_for_write(Partner)


def connection() -> BaseDatabaseWrapper:
    """Its connection in this thread."""
    return connections[database()]


class _Transaction(transaction.Atomic):
    """READ COMMITTED where it is the outermost, as every database but MySQL and MariaDB has it by itself.

    What this app reads under a lock must be what was last committed; under REPEATABLE READ, the servers' default, it is
    what was there at the transaction's first read.
    """

    def __enter__(self) -> None:
        connection: Any = connections[self.using or DEFAULT_DB_ALIAS]
        if connection.vendor == "mysql" and not connection.in_atomic_block:
            # The backend knows its level when it is connected.
            connection.ensure_connection()
            if connection.isolation_level != "read committed":
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        is_outermost = not connection.in_atomic_block
        super().__enter__()
        if is_outermost:
            connection.scanforpay_begins_committed = True

    def __exit__(self, *raised: Any) -> None:
        connection: Any = connections[self.using or DEFAULT_DB_ALIAS]
        try:
            super().__exit__(*raised)
        finally:
            # Also where the COMMIT failed: the next transaction may be the project's own.
            if not connection.in_atomic_block:
                connection.scanforpay_begins_committed = False


def has_old_snapshot(alias: str) -> bool:
    """Whether plain reads in this transaction may miss what was committed since it began: on MySQL and MariaDB, in a
    transaction of the project's under REPEATABLE READ.
    """
    connection: Any = connections[alias]
    return (
        connection.vendor == "mysql"
        and connection.in_atomic_block
        and connection.isolation_level != "read committed"
        and not getattr(connection, "scanforpay_begins_committed", False)
    )


def atomic(*, durable: bool = False) -> transaction.Atomic:
    """A transaction in this app's database."""
    return _Transaction(using=database(), savepoint=True, durable=durable)


def on_commit(work: Callable[[], object], *, robust: bool = False) -> None:
    """Call ``work`` after the COMMIT there; at once outside a transaction."""
    transaction.on_commit(work, using=database(), robust=robust)


def non_atomic_requests(view: _View) -> _View:
    """The view, outside of ATOMIC_REQUESTS in every database: it says its own transaction border."""
    for alias in settings.DATABASES:
        view = transaction.non_atomic_requests(using=alias)(view)
    return view
