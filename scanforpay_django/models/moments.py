"""The present moment by the database's clock: workers' clocks may differ, and leases must not."""

from datetime import timedelta
from typing import Any

from django.db.models.expressions import Combinable, ExpressionWrapper
from django.db.models.functions import Now

from scanforpay_django import clock
from scanforpay_django.fields import MomentField


class DatabaseNow(Now):
    """``Now`` in UTC, as moments are stored; a MySQL session may be in any time zone."""

    output_field = MomentField()

    def as_mysql(self, compiler: Any, connection: Any, **extra_context: Any) -> Any:
        """CURRENT_TIMESTAMP would be the session's local time."""
        return self.as_sql(compiler, connection, template="UTC_TIMESTAMP(6)", **extra_context)


def database_now() -> Combinable:
    """The present moment in a query of the ORM."""
    return _plus_offset(DatabaseNow())


class _EndOfMillisecond(DatabaseNow):
    """SQLite's clock has three digits of a second, and moments are compared as text: what was stored with six digits in
    this millisecond is not later than now.
    """

    def as_sqlite(self, compiler: Any, connection: Any, **extra_context: Any) -> Any:
        template = "(STRFTIME('%%%%Y-%%%%m-%%%%d %%%%H:%%%%M:%%%%f', 'NOW') || '999')"
        return self.as_sql(compiler, connection, template=template, **extra_context)


def due_moment() -> Combinable:
    """The present moment for finding rows that are due, whichever clock wrote when."""
    return _plus_offset(_EndOfMillisecond())


def _plus_offset(now: DatabaseNow) -> Combinable:
    offset = clock.offset_seconds()
    return ExpressionWrapper(now + timedelta(seconds=offset), MomentField()) if offset else now
