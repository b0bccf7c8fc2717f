"""Rows by the ten thousand, made by PostgreSQL. It may be imported before ``django.setup()``."""

from typing import Any

from django.db import connection


def copies(model: Any, row: Any, overrides: dict[str, str], number: int) -> None:
    """Copies of a row, made by the database; ``overrides`` are expressions over g, their number."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key and not field.generated]
    columns = [field.column for field in fields]
    values = [overrides.get(column, column) for column in columns]
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table}, "
            f"generate_series(1, {number}) AS g WHERE id = {row.pk}"
        )
