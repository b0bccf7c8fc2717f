"""Rows read and written by statements that are made once: the ORM takes longer to write one anew than a database to
answer it.

Values pass through the fields' own converters where a database needs them. Django's signals are not sent.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property
from typing import Any, Generic, TypeVar

from django.db import connections, models, router

_Row = TypeVar("_Row", bound=models.Model)


class RowReader(Generic[_Row]):
    """Columns of one model in a SELECT, and the instances that are made of them."""

    def __init__(self, model: type[_Row], alias: str) -> None:
        self._model = model
        self._fields = model._meta.concrete_fields
        self._names = [field.attname for field in self._fields]
        #: how many columns they are
        self.width = len(self._fields)
        #: for the SELECT; ``alias`` is the table's name in the statement
        self.columns = ", ".join(f"{alias}.{field.column}" for field in self._fields)
        self._converters = cache(self._find_converters)

    def read(self, database: str, values: Sequence[Any]) -> _Row:
        """The instance of the columns' values, as the database gave them."""
        row = list(values)
        connection = connections[database]
        for place, convert, column in self._converters(database):
            row[place] = convert(row[place], column, connection)
        return self._model.from_db(database, self._names, row)

    def _find_converters(self, database: str) -> list[tuple[int, Callable[..., Any], Any]]:
        connection = connections[database]
        columns: list[Any] = [field.get_col(self._model._meta.db_table) for field in self._fields]
        return [
            (place, convert, column)
            for place, column in enumerate(columns)
            for convert in (
                *connection.ops.get_db_converters(column),
                *column.get_db_converters(connection),
            )
        ]


class RowInsert(Generic[_Row]):
    """Writes new rows of one model, in one statement each."""

    def __init__(self, model: type[_Row], *, once: Sequence[str] = (), absent: str = "") -> None:
        """For ``write_once``: the columns of a constraint, and a SELECT that must find nothing; it may name values."""
        self._model = model
        self._once = once
        self._absent = absent

    def write(self, **values: Any) -> _Row:
        """Insert a row of these values, by attribute name, and of the fields' defaults.

        Of what the database fills in only the ``pk`` is there. PostgreSQL and SQLite speak the same words here.
        """
        return self._returned(f"{self._into} VALUES ({self._places}) RETURNING {self._key}", values)[0]

    def write_once(self, **values: Any) -> _Row | None:
        """The same; None where there is such a row already."""
        written = self._returned(self._once_statement, values)
        return written[0] if written else None

    def _returned(self, statement: str, values: dict[str, Any]) -> list[_Row]:
        database = router.db_for_write(self._model)
        connection = connections[database]
        row = {name: values[name] if name in values else default() for name, default in self._defaults}
        with connection.cursor() as cursor:
            cursor.execute(statement, dict(self._prepared(connection, row)))
            names = [self._key, *row]
            return [
                self._model.from_db(database, names, [key, *row.values()]) for (key,) in cursor.fetchall()
            ]

    def _prepared(self, connection: Any, row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        for field in self._fields:
            yield field.attname, field.get_db_prep_save(row[field.attname], connection)

    @cached_property
    def _fields(self) -> list[Any]:
        """All but those that the database fills in."""
        return [
            field
            for field in self._model._meta.concrete_fields
            if not (field.primary_key or field.generated or field.has_db_default())
        ]

    @cached_property
    def _key(self) -> str:
        return str(self._model._meta.pk.attname)

    @cached_property
    def _defaults(self) -> list[tuple[str, Callable[[], Any]]]:
        return [(field.attname, field.get_default) for field in self._fields]

    @cached_property
    def _into(self) -> str:
        columns = ", ".join(str(field.column) for field in self._fields)
        return f"INSERT INTO {self._model._meta.db_table} ({columns})"

    @cached_property
    def _places(self) -> str:
        return ", ".join(f"%({field.attname})s" for field in self._fields)

    @cached_property
    def _once_statement(self) -> str:
        rows = (
            f"SELECT {self._places} WHERE NOT EXISTS ({self._absent})"
            if self._absent
            else f"VALUES ({self._places})"
        )
        once = f"ON CONFLICT ({', '.join(self._once)}) DO NOTHING"
        return f"{self._into} {rows} {once} RETURNING {self._key}"
