"""Columns that mean the same on SQLite, PostgreSQL, MariaDB and MySQL."""

from datetime import UTC, datetime, timedelta
from datetime import timezone as FixedZone  # noqa: N812
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When, lookups
from django.utils import timezone

from scanforpay_django import clock

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable

    CharField = models.CharField[str | int | Combinable, str]
    BigIntegerField = models.BigIntegerField[Any, Any]
else:
    CharField = models.CharField
    BigIntegerField = models.BigIntegerField

# what may be assigned and what is read, which django-stubs derives from null=True
_Set = TypeVar("_Set")
_Get = TypeVar("_Get")
if TYPE_CHECKING:
    DateTimeField = models.DateTimeField
else:

    class DateTimeField(models.DateTimeField):
        """Takes the types that are none at run time."""

        def __class_getitem__(cls, _types):
            return cls


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


def stored_moment(moment: datetime | None, connection: Any) -> Any:
    """An aware moment as a parameter of a statement: SQLite, MariaDB and MySQL know no zones, and hold UTC.

    Django writes what DATABASES' TIME_ZONE says, and with USE_TZ = False refuses aware moments.
    """
    if isinstance(moment, datetime) and not connection.features.supports_timezones:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return connection.ops.adapt_datetimefield_value(moment)


def _fix_offset(moment: datetime) -> datetime:
    """The same moment, in the zone that its own has then. Python takes the difference of two moments of one zone for
    that of their clocks, summer time or not, and an hour that comes twice equals none of another zone (PEP 495).
    """
    return moment.replace(tzinfo=FixedZone(moment.utcoffset() or timedelta(), moment.tzname() or ""), fold=0)


def read_moment(value: Any, connection: Any) -> datetime | None:
    """The aware moment of what a statement returned, as text or as Django's converter left it."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if value is None:
        return None
    if not connection.features.supports_timezones and (settings.USE_TZ or timezone.is_naive(value)):
        # USE_TZ names DATABASES' TIME_ZONE.
        value = value.replace(tzinfo=UTC)
    elif timezone.is_naive(value):
        # PostgreSQL's session is in TIME_ZONE, and Django cuts the zone off.
        value = timezone.make_aware(value, timezone.get_default_timezone())
    moment: datetime = value
    # Without USE_TZ templates and admin show moments as they come.
    # In UTC: two zones never agree on the hour that comes twice.
    return (
        moment.astimezone(UTC)
        if settings.USE_TZ
        else _fix_offset(moment.astimezone(timezone.get_default_timezone()))
    )


class MomentField(DateTimeField[_Set, _Get]):
    """A moment: stored in UTC and aware in Python, whatever USE_TZ and TIME_ZONE are.

    As with Django, a naive one is taken in the project's time zone; with USE_TZ = True a warning says so.
    """

    def to_python(self, value: Any) -> Any:
        """The forms of a project with USE_TZ = False give naive moments."""
        moment = super().to_python(value)
        if moment is not None and not settings.USE_TZ and timezone.is_naive(moment):
            moment = _fix_offset(timezone.make_aware(moment, timezone.get_default_timezone()))
        return moment

    def formfield(self, **kwargs: Any) -> Any:
        """Without USE_TZ forms show moments as they come: a default is shown in the project's time zone too."""
        if self.has_default() and not settings.USE_TZ:
            kwargs.setdefault("initial", self._local_default)
        return super().formfield(**kwargs)

    def _local_default(self) -> datetime:
        moment: datetime = self.get_default()
        return timezone.make_naive(moment, timezone.get_default_timezone())

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        """``auto_now`` and ``auto_now_add`` by our clock."""
        if self.auto_now or (self.auto_now_add and add):
            setattr(model_instance, self.attname, clock.now())
        return getattr(model_instance, self.attname)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """For every database what it compares rightly."""
        return stored_moment(value if prepared else self.get_prep_value(value), connection)

    def get_db_converters(self, connection: Any) -> Any:
        """None where Django reads the same."""
        if settings.USE_TZ and (connection.features.supports_timezones or connection.timezone is UTC):
            return []
        return [self._from_database]

    def _from_database(self, value: Any, expression: Any, connection: Any) -> datetime | None:
        return read_moment(value, connection)


class FeeField(BigIntegerField):
    """A fee in major units with five decimals: a Decimal in Python, hundred-thousandths in the database.

    SQLite keeps a DecimalField as a float.
    """

    PLACES = 5

    def from_db_value(self, value: int | None, expression: Any, connection: Any) -> Decimal | None:
        """Also of a sum."""
        return None if value is None else Decimal(value).scaleb(-self.PLACES)

    def to_python(self, value: Any) -> Any:
        """As forms and fixtures give it."""
        return None if value is None or value == "" else Decimal(str(value))

    def get_prep_value(self, value: Any) -> Any:
        """Raises ValueError for more than five decimals."""
        if value is None or hasattr(value, "resolve_expression"):
            return value
        units = Decimal(str(value)).scaleb(self.PLACES)
        if units != units.to_integral_value():
            raise ValueError(f"{value} has more than five decimals")
        return int(units)


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
