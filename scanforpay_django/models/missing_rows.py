"""Inserting those rows that are not there yet."""

from collections.abc import Collection
from typing import TypeVar

from django.db import connections, models

_MissingRow = TypeVar("_MissingRow", bound=models.Model)


def create_missing(
    table: "models.QuerySet[_MissingRow]", rows: Collection[_MissingRow], *, unique: Collection[str]
) -> None:
    """Insert ``rows``, but for those whose values in the fields ``unique``, a constraint's, are taken. Their keys are
    not read back.

    ``bulk_create(ignore_conflicts=True)`` is INSERT IGNORE on MySQL and MariaDB, which cuts values and leaves out rows
    that break any other rule: there a duplicate's own value is written into it again.
    """
    if connections[table.db].features.supports_update_conflicts_with_target:
        table.bulk_create(rows, ignore_conflicts=True)
    else:
        table.bulk_create(rows, update_conflicts=True, update_fields=list(unique)[-1:])
