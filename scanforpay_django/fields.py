"""Columns that mean the same on SQLite, PostgreSQL, MariaDB and MySQL."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Case, Q, Value, When, lookups

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable

    CharField = models.CharField[str | int | Combinable, str]
else:
    CharField = models.CharField


class ExactCharField(CharField):
    """A number, token or key: compared byte for byte.

    MySQL's and MariaDB's usual collations take "a" for "A", and those that pad take "a " for "a" too. SQLite and
    PostgreSQL compare bytes by themselves.
    """

    def db_parameters(self, connection: Any) -> Any:
        """The collation belongs to the database, not to the migration's state."""
        parameters = super().db_parameters(connection)
        if connection.vendor == "mysql":
            is_mariadb = connection.mysql_is_mariadb
            parameters["collation"] = "utf8mb4_nopad_bin" if is_mariadb else "utf8mb4_0900_bin"
        return parameters


class _IgnoresCase:
    """LIKE follows the column's collation on MySQL and MariaDB."""

    def process_lhs(self, compiler: Any, connection: Any, lhs: Any = None) -> Any:
        """Searches of admin find both cases, as they do elsewhere."""
        sql, parameters = super().process_lhs(compiler, connection, lhs)  # type: ignore[misc]
        if connection.vendor == "mysql":
            sql = f"{sql} COLLATE utf8mb4_general_ci"
        return sql, parameters


@ExactCharField.register_lookup
class _IExact(_IgnoresCase, lookups.IExact):
    pass


@ExactCharField.register_lookup
class _IContains(_IgnoresCase, lookups.IContains):
    pass


@ExactCharField.register_lookup
class _IStartsWith(_IgnoresCase, lookups.IStartsWith):
    pass


@ExactCharField.register_lookup
class _IEndsWith(_IgnoresCase, lookups.IEndsWith):
    pass


@ExactCharField.register_lookup
class _BeginsWith(lookups.StartsWith):
    """``startswith`` that an index answers. LIKE ignores case on SQLite, so that no index of bytes serves it: there it
    is a range.
    """

    lookup_name = "begins_with"

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        return str(connection.operators["startswith"] % rhs)

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        column, parameters = self.process_lhs(compiler, connection)
        sql = f"({column} >= %s AND {column} < %s)"
        return sql, [*parameters, self.rhs, *parameters, f"{self.rhs}{chr(0x10FFFF)}"]


def true_or_null(condition: Q) -> models.GeneratedField:
    """A column that is TRUE where ``condition`` holds and NULL elsewhere, kept by the database itself.

    The last field of a UniqueConstraint that binds only such rows: NULLs are distinct on every database, while MySQL
    and MariaDB have no ``UniqueConstraint(condition=...)``.
    """
    return models.GeneratedField(
        expression=Case(When(condition, then=Value(True))),
        output_field=models.BooleanField(null=True),
        db_persist=True,
        null=True,
    )
