"""Rows by the ten thousand, copied by PostgreSQL. It may be imported before ``django.setup()``."""

from typing import Any

from django.db import connection


def copies(model: Any, pk: object, overrides: dict[str, str], number: int) -> None:
    """Copies of a row; ``overrides`` are SQL expressions over g, their number from 1, by column."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    columns = [field.column for field in fields if not field.primary_key or field.column in overrides]
    values = [overrides.get(column, f"t.{column}") for column in columns]
    table, key = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table} t, "
            f"generate_series(1, {number}) AS g WHERE t.{key} = '{pk}'"
        )
        cursor.execute("SET synchronous_commit TO on")
