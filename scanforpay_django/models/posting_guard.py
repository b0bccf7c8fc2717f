"""Triggers that refuse to change or delete a posting, whatever asks: a shell, another program, a later version.

A superuser can drop them: they are against mistakes, not against the owner of the database.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.utils import OperationalError, ProgrammingError

logger = logging.getLogger(__name__)

TABLE = "scanforpay_posting"
REFUSAL = "postings are append-only"
NAMES = ("scanforpay_posting_no_update", "scanforpay_posting_no_delete")
#: set in a session of MySQL or MariaDB that empties the whole database
FLUSHING = "@scanforpay_flushing"
#: MySQL with a binary log takes triggers from a superuser only, unless log_bin_trust_function_creators is set (1419);
#: the others: no privilege. Source: MySQL 8.4 reference, "Stored Program Binary Logging"
_NO_PRIVILEGE = (1142, 1227, 1419)

_SQLITE = [
    f"CREATE TRIGGER {name} BEFORE {event} ON {TABLE} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for name, event in zip(NAMES, ("UPDATE", "DELETE"), strict=True)
]
_FUNCTION = f"""\
CREATE FUNCTION {TABLE}_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
_POSTGRESQL = [
    _FUNCTION,
    *(
        f"CREATE TRIGGER {name} BEFORE {event} ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {TABLE}_stays()"
        for name, event in zip(NAMES, ("UPDATE", "DELETE"), strict=True)
    ),
]
_SIGNAL = f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{REFUSAL}'"
_MYSQL = [
    f"CREATE TRIGGER {NAMES[0]} BEFORE UPDATE ON {TABLE} FOR EACH ROW {_SIGNAL}",
    # SIGNAL has no condition of its own.
    f"CREATE TRIGGER {NAMES[1]} BEFORE DELETE ON {TABLE} FOR EACH ROW IF {FLUSHING} IS NULL THEN {_SIGNAL}; END IF",
]
_INSTALL = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL, "mysql": _MYSQL}


def install_guard(connection: Any) -> bool:
    """Create the triggers; whether the database took them. One that has no SQL here goes without."""
    try:
        with connection.cursor() as cursor:
            for statement in _INSTALL.get(connection.vendor, ()):
                cursor.execute(statement)
    except (OperationalError, ProgrammingError) as error:
        if connection.vendor != "mysql" or error.args[0] not in _NO_PRIVILEGE:
            raise
        logger.warning("postings are without their triggers: %s", error)
        return False
    return connection.vendor in _INSTALL


def remove_guard(connection: Any) -> None:
    """Drop what ``install_guard`` made."""
    on_table = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in NAMES if connection.vendor in _INSTALL else ():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP FUNCTION IF EXISTS {TABLE}_stays()")


@contextmanager
def database_is_emptied(connection: Any) -> Iterator[None]:
    """``manage.py flush`` may delete all rows meanwhile. PostgreSQL's TRUNCATE asks no trigger; on SQLite they are
    dropped and made again in one transaction.
    """
    if connection.vendor == "mysql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET {FLUSHING} = 1")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"SET {FLUSHING} = NULL")
    elif connection.vendor == "sqlite" and _has_guard(connection):
        with transaction.atomic(using=connection.alias):
            remove_guard(connection)
            yield
            install_guard(connection)
    else:
        yield


def _has_guard(connection: Any) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = %s", [NAMES[1]])
        return cursor.fetchone() is not None
