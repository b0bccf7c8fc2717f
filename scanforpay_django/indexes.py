"""Indexes that mean the same on SQLite, PostgreSQL, MariaDB and MySQL."""

from collections.abc import Sequence
from typing import Any

from django.db import models


class PartialIndex(models.Index):
    """An index of the rows that meet a condition.

    MySQL and MariaDB have none: Django makes an index of all rows there. So there it is one of ``mysql_fields``, which
    begin with the columns of the condition, such as the state.
    """

    def __init__(self, *, mysql_fields: Sequence[str], condition: models.Q, **kwargs: Any) -> None:
        super().__init__(condition=condition, **kwargs)
        self.mysql_fields = list(mysql_fields)

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **kwargs: Any) -> Any:
        """As the database takes it."""
        if schema_editor.connection.features.supports_partial_indexes:
            return super().create_sql(model, schema_editor, using=using, **kwargs)
        plain = models.Index(fields=self.mysql_fields, name=self.name)
        return plain.create_sql(model, schema_editor, using=using, **kwargs)

    def deconstruct(self) -> Any:
        """As a migration writes it: with ``mysql_fields``."""
        path, arguments, keywords = super().deconstruct()
        return path, arguments, {**keywords, "mysql_fields": self.mysql_fields}
