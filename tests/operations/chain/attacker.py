"""Somebody who owns the database and does not have the key."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from scanforpay_django.models import ChainLink
from scanforpay_django.models.append_only_guard import REFUSALS, install_guard, remove_guard
from scanforpay_django.operations.chain.covered import COVERED
from tests.operations.chain.chained import sql

#: a value that differs from what is there, for each column that is no text
OTHERS: dict[str, Any] = {
    "amount": 1, "currency": "USD", "cause_id": 987654, "revision": 77, "rate": "0.00100", "duration_ms": 5,
    "number": 88, "http_status": 500, "order_id": None, "notification_id": None, "store_id": None, "account_id": None,
    "partner_id": None, "refund_id": None, "reverses_id": None, "data": '{"amount": 1}',
}  # fmt: skip
#: of those the ones that are unique together
UNIQUE = {"cause_id", "revision"}
MOMENTS = {"effective_at", "booked_at", "at", "created_at", "started_at"}


class Attacker:
    """Has the database's password, and drops triggers and foreign keys; does not have the key."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        # row -> what the audit has to say of it
        self.done: dict[tuple[str, int], str] = {}
        self._columns = {
            covered.kind: [name for name in covered.columns if OTHERS.get(name, "") is not None]
            for covered in COVERED
        }

    def act(self) -> None:
        covered = self._random.choice(COVERED)
        pks = [pk for pk in covered.rows.values_list("pk", flat=True) if (covered.kind, pk) not in self.done]
        pk = self._random.choice(pks)
        name = covered.model._meta.verbose_name
        match self._random.choice(["edit", "edit", "edit", "remove", "insert"]):
            case "edit":
                column = self._random.choice(self._columns[covered.kind])
                self._edit(covered.model._meta.db_table, pk, column)
                said = f"row-changed: {name} {pk}, link {self._link(covered.kind, pk)}: {column}"
            case "remove":
                said = f"row-removed: {name} {pk}, link {self._link(covered.kind, pk)}"
                self._delete(covered.kind, covered.model._meta.db_table, pk)
            case "insert":
                pk = self._insert(covered, pk)
                said = f"row-inserted: {name} {pk}"
        self.done[covered.kind, pk] = said

    def _link(self, kind: str, pk: int) -> int:
        return ChainLink.objects.get(act="row", kind=kind, row_pk=pk).number

    def _edit(self, table: str, pk: int, column: str) -> None:
        other = OTHERS.get(column)
        if column in MOMENTS:
            other = "2020-02-02 02:02:02.000002"
        elif other is None:
            other = f"x{pk}"
        elif column in UNIQUE:
            other += pk
        sql(f"UPDATE {table} SET {column} = %s WHERE id = %s", other, pk)

    def _delete(self, kind: str, table: str, pk: int) -> None:
        sql(f"DELETE FROM {table} WHERE id = %s", pk)

    def _insert(self, covered: Any, pk: int) -> int:
        """A copy of a row, in a place that a deleted one has left."""
        row = covered.model.objects.get(pk=pk)
        held = set(covered.rows.values_list("pk", flat=True)) | {
            key for kind, key in self.done if kind == covered.kind
        }
        free = next((key for key in range(1, max(held)) if key not in held), min(0, *held) - 1)
        names = [
            field.column
            for field in row._meta.concrete_fields
            if not field.generated and field.column != "id"
        ]
        far = 500 + len(self.done)
        changed = {
            "message_id": f"'m{far}'",
            "number": f"number + {far}",
            "revision": f"revision + {far}",
            "reverses_id": "NULL",
        }
        if covered.kind == "notification":
            changed |= {"kind": "'refund'", "refund_id": "NULL"}
        values = ", ".join(changed.get(name, name) for name in names)
        table = covered.model._meta.db_table
        sql(
            f"INSERT INTO {table} (id, {', '.join(names)}) SELECT {free}, {values} FROM {table} WHERE id = {pk}"
        )
        return free


@pytest.fixture
def unguarded() -> Iterator[None]:
    """Triggers and foreign keys do not hold up somebody who owns the database."""
    for table in REFUSALS:
        remove_guard(connection, table)
    statements = {
        "sqlite": ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"),
        "postgresql": ("SET session_replication_role = replica", "SET session_replication_role = DEFAULT"),
        "mysql": ("SET foreign_key_checks = 0", "SET foreign_key_checks = 1"),
    }
    before, after = statements[connection.vendor]
    sql(before)
    try:
        yield
    finally:
        sql(after)
        for table in REFUSALS:
            install_guard(connection, table)
