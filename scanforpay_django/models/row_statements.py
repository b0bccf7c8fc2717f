"""Rows read and written by statements that are made once: the ORM takes longer to write one anew than a database to
answer it.

Values pass through the fields' own converters where a database needs them. Django's signals are not sent.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Generic, TypeVar

from django.db import IntegrityError, connections, models, router

from scanforpay_django.fields import ExactCharField

_ER_DUP_ENTRY = 1062

_Row = TypeVar("_Row", bound=models.Model)

_WORD = re.compile(r"\w*", re.ASCII)

#: field -> values that it leaves as they are, on every database
_PLAIN: Mapping[type["models.Field[Any, Any]"], type] = {
    models.CharField: str,
    ExactCharField: str,
    models.TextField: str,
    models.BooleanField: bool,
}

#: name, the type whose values go to the database as they are, and what prepares all others
_Column = tuple[str, type | None, Callable[..., Any]]


def _literal(value: object) -> str | None:
    """A default as every database spells it, or None: then it is a parameter."""
    if value is None:
        return "NULL"
    if type(value) is int:
        return str(value)
    if isinstance(value, str) and _WORD.fullmatch(value):
        return f"'{value}'"
    return None


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


def is_duplicate(error: IntegrityError) -> bool:
    """Whether a MySQL or MariaDB server refused a value of a unique index that is there already.

    Source: the server's error reference, ER_DUP_ENTRY.
    """
    return bool(error.args) and error.args[0] == _ER_DUP_ENTRY


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A statement that PostgreSQL carries out in the same go as an INSERT; its parameters' names are its own."""

    statement: str
    parameters: Mapping[str, Any]


class RowInsert(Generic[_Row]):
    """Writes new rows of one model, in one statement each."""

    def __init__(self, model: type[_Row], *, once: Sequence[str] = (), absent: str = "") -> None:
        """For ``write_once``: the columns of a constraint, and a SELECT of at most one row that must find none; it may
        name values that are given.
        """
        self._model = model
        self._once = once
        self._absent = absent
        self._written = cache(self._write)

    def write(self, beside: Beside | None = None, **values: Any) -> _Row:
        """Insert a row of these values, by attribute name, and of the fields' defaults; with it what is ``beside``.

        Of what the database fills in only the ``pk`` is there.
        """
        return self._inserted(values, beside, is_once=False)[0]

    def write_once(self, **values: Any) -> _Row | None:
        """The same; None where there is such a row already."""
        written = self._inserted(values, None, is_once=True)
        return written[0] if written else None

    def _inserted(self, values: dict[str, Any], beside: Beside | None, *, is_once: bool) -> list[_Row]:
        database = router.db_for_write(self._model)
        connection = connections[database]
        statement, columns = self._written(tuple(values), is_once, connection.vendor)
        # Django reads columns in the model's order.
        row = {**self._blank, **values}
        for name, make in self._made:
            if name not in values:
                row[name] = make()
        parameters = {
            name: row[name] if type(row[name]) is plain else prepare(row[name], connection)
            for name, plain, prepare in columns
        }
        if beside is not None:
            statement = f"WITH beside AS ({beside.statement}) {statement}"
            parameters |= beside.parameters
        insert = self._insert_mysql if connection.vendor == "mysql" else self._insert
        with connection.cursor() as cursor:
            keys = insert(cursor, statement, parameters, is_once=is_once)
        names = [self._key, *row]
        return [self._model.from_db(database, names, [key, *row.values()]) for key in keys]

    def _insert(self, cursor: Any, statement: str, parameters: dict[str, Any], *, is_once: bool) -> list[Any]:
        conflict = f" ON CONFLICT ({', '.join(self._once)}) DO NOTHING" if is_once else ""
        cursor.execute(f"{statement}{conflict} RETURNING {self._key}", parameters)
        return [key for (key,) in cursor.fetchall()]

    def _insert_mysql(
        self, cursor: Any, statement: str, parameters: dict[str, Any], *, is_once: bool
    ) -> list[Any]:
        """MySQL has no RETURNING and no ON CONFLICT, and its INSERT IGNORE would cut values that are too long."""
        try:
            cursor.execute(statement, parameters)
        except IntegrityError as error:
            if not (is_once and is_duplicate(error) and self._is_taken(cursor, parameters)):
                raise
            return []
        return [cursor.lastrowid] if cursor.rowcount else []

    def _is_taken(self, cursor: Any, parameters: dict[str, Any]) -> bool:
        """Whether it is these columns that are a duplicate. Under REPEATABLE READ a locking read only sees it."""
        taken = " AND ".join(f"{column} = %({column})s" for column in self._once)
        statement = f"SELECT 1 FROM {self._model._meta.db_table} WHERE {taken} LOCK IN SHARE MODE"
        cursor.execute(statement, parameters)
        return cursor.fetchone() is not None

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
    def _blank(self) -> dict[str, Any]:
        """Every column with its default where that is the same for every row, with ``...`` where it is made."""
        return {
            field.attname: ... if callable(field.default) else field.get_default() for field in self._fields
        }

    @cached_property
    def _made(self) -> list[tuple[str, Callable[[], Any]]]:
        """Defaults that are made for each row."""
        return [(field.attname, field.get_default) for field in self._fields if callable(field.default)]

    def _write(self, given: tuple[str, ...], is_once: bool, vendor: str) -> tuple[str, list[_Column]]:
        """The statement for rows of which these values are given, and its parameters: what all rows have in common is
        written into it.
        """
        places: dict[str, str] = {}
        columns: list[_Column] = []
        for field in self._fields:
            name = field.attname
            literal = None if name in given else _literal(self._blank[name])
            places[str(field.column)] = literal or f"%({name})s"
            if literal is None:
                columns.append((name, _PLAIN.get(type(field)), field.get_db_prep_save))
        into = f"INSERT INTO {self._model._meta.db_table} ({', '.join(places)})"
        row = ", ".join(places.values())
        if not (is_once and self._absent):
            return f"{into} VALUES ({row})", columns
        # MySQL has no WHERE without a table.
        table = "FROM DUAL " if vendor == "mysql" else ""
        # Not with NOT EXISTS: PostgreSQL takes longer to plan a join than to do all else.
        return f"{into} SELECT {row} {table}WHERE ({self._absent}) IS NULL", columns
