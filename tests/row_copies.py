"""Rows by the ten thousand, copied by PostgreSQL or MariaDB. It may be imported before ``django.setup()``."""

from typing import Any

from django.db import connection

#: vendor -> what comes before, the numbers g, what comes after. MariaDB takes || for a concatenation meanwhile
_DIALECTS = {
    "postgresql": (
        "SET synchronous_commit TO off",
        "generate_series(1, {}) AS g",
        "SET synchronous_commit TO on",
    ),
    "mysql": (
        "SET sql_mode = CONCAT(@@sql_mode, ',PIPES_AS_CONCAT')",
        "(SELECT seq AS g FROM seq_1_to_{}) AS numbers",
        "SET sql_mode = REPLACE(@@sql_mode, 'PIPES_AS_CONCAT', '')",
    ),
}


def copies(model: Any, pk: object, overrides: dict[str, str], number: int) -> None:
    """Copies of a row; ``overrides`` are SQL expressions over g, their number from 1, by column."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    columns = [field.column for field in fields if not field.primary_key or field.column in overrides]
    values = [overrides.get(column, f"t.{column}") for column in columns]
    table, key = model._meta.db_table, model._meta.pk.column
    before, numbers, after = _DIALECTS[connection.vendor]
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(before)
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM {table} t, "
            f"{numbers.format(number)} WHERE t.{key} = '{pk}'"
        )
        cursor.execute(after)
