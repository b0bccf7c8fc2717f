"""Triggers that refuse to change or delete rows of append-only tables, whatever asks: a shell, another program, a later
version.

A superuser can drop them: they are against mistakes, not against the owner of the database.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.utils import OperationalError, ProgrammingError

logger = logging.getLogger(__name__)

POSTINGS, LINKS = "scanforpay_posting", "scanforpay_chainlink"
#: table -> what it says to whom it refuses
REFUSALS = {POSTINGS: "postings are append-only", LINKS: "links of the chain are append-only"}
#: set in a session of MySQL or MariaDB that empties the whole database
FLUSHING = "@scanforpay_flushing"
#: MySQL with a binary log takes triggers from a superuser only, unless log_bin_trust_function_creators is set (1419);
#: the others: no privilege. Source: MySQL 8.4 reference, "Stored Program Binary Logging"
_NO_PRIVILEGE = (1142, 1227, 1419)


def trigger_names(table: str) -> tuple[str, str]:
    """Of the triggers that refuse UPDATE and DELETE."""
    return f"{table}_no_update", f"{table}_no_delete"


def _sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{REFUSALS[table]}'); END"
        for name, event in zip(trigger_names(table), ("UPDATE", "DELETE"), strict=True)
    ]


def _postgresql(table: str) -> list[str]:
    function = f"""\
CREATE FUNCTION {table}_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSALS[table]}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
    return [
        function,
        *(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_stays()"
            for name, event in zip(trigger_names(table), ("UPDATE", "DELETE"), strict=True)
        ),
    ]


def _mysql(table: str) -> list[str]:
    no_update, no_delete = trigger_names(table)
    signal = f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{REFUSALS[table]}'"
    return [
        f"CREATE TRIGGER {no_update} BEFORE UPDATE ON {table} FOR EACH ROW {signal}",
        # SIGNAL has no condition of its own.
        f"CREATE TRIGGER {no_delete} BEFORE DELETE ON {table} FOR EACH ROW IF {FLUSHING} IS NULL THEN {signal}; END IF",
    ]


_INSTALL = {"sqlite": _sqlite, "postgresql": _postgresql, "mysql": _mysql}


def install_guard(connection: Any, table: str = POSTINGS) -> bool:
    """Create the triggers of a table; whether the database took them. One that has no SQL here goes without."""
    if connection.vendor not in _INSTALL:
        return False
    try:
        with connection.cursor() as cursor:
            for statement in _INSTALL[connection.vendor](table):
                cursor.execute(statement)
    except (OperationalError, ProgrammingError) as error:
        if connection.vendor != "mysql" or error.args[0] not in _NO_PRIVILEGE:
            raise
        logger.warning("%s is without its triggers: %s", table, error)
        return False
    return True


def remove_guard(connection: Any, table: str = POSTINGS) -> None:
    """Drop what ``install_guard`` made."""
    on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in trigger_names(table) if connection.vendor in _INSTALL else ():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP FUNCTION IF EXISTS {table}_stays()")


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
    elif connection.vendor == "sqlite" and (guarded := _guarded(connection)):
        with transaction.atomic(using=connection.alias):
            for table in guarded:
                remove_guard(connection, table)
            yield
            for table in guarded:
                install_guard(connection, table)
    else:
        yield


def _guarded(connection: Any) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        names = {name for (name,) in cursor.fetchall()}
    return [table for table in REFUSALS if trigger_names(table)[1] in names]
