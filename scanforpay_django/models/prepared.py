"""A SELECT that is written once.

For one row by an index the ORM takes longer to write the statement anew than the database takes to answer it. What is
behind every opening of a pay page is written once for a database and filled in; values pass through the fields' own
converters.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connections, models


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """One row of ``model`` with its ``related`` one, by a value in any of some columns."""

    alias: str
    model: type[models.Model]
    # the foreign key's name, and the model behind it
    name: str
    related: type[models.Model]
    statement: str
    # how often the value stands in the statement
    places: int
    # what turns a column of the database's into Python's, by its place in the row
    converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Any]]

    def find(self, value: str) -> models.Model | None:
        """The row, None when there is none."""
        connection = connections[self.alias]
        with connection.cursor() as cursor:
            cursor.execute(self.statement, [value] * self.places)
            found = cursor.fetchone()
        if found is None:
            return None
        row = list(found)
        for place, converters, column in self.converters:
            for convert in converters:
                row[place] = convert(row[place], column, connection)
        width = len(self.model._meta.concrete_fields)
        made = self.model.from_db(self.alias, _names(self.model), row[:width])
        setattr(made, self.name, self.related.from_db(self.alias, _names(self.related), row[width:]))
        return made


@cache
def _names(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _columns(model: type[models.Model]) -> list[Any]:
    return [field.get_col(model._meta.db_table) for field in model._meta.concrete_fields]


@cache
def prepared(alias: str, model: type[models.Model], name: str, by: tuple[str, ...]) -> Prepared:
    """The statement for a database. ``name``: a foreign key of ``model``; ``by``: the columns to look in."""
    connection, quote = connections[alias], connections[alias].ops.quote_name
    key: Any = model._meta.get_field(name)
    related: Any = key.related_model
    columns = [*_columns(model), *_columns(related)]

    def written(column: Any) -> str:
        return f"{quote(column.alias)}.{quote(column.target.column)}"

    here, there = quote(model._meta.db_table), quote(related._meta.db_table)
    statement = (
        f"SELECT {', '.join(map(written, columns))} FROM {here} JOIN {there} "  # noqa: S608
        f"ON {here}.{quote(key.column)} = {there}.{quote(related._meta.pk.column)} WHERE "
        + " OR ".join(f"{here}.{quote(one)} = %s" for one in by)
    )
    found = [(*connection.ops.get_db_converters(col), *col.get_db_converters(connection)) for col in columns]
    used = tuple((place, each, columns[place]) for place, each in enumerate(found) if each)
    return Prepared(
        alias=alias,
        model=model,
        name=name,
        related=related,
        statement=statement,
        places=len(by),
        converters=used,
    )
