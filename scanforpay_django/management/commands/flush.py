"""``manage.py flush``: Django's own, with postings.

Django's tests with transactions empty the database with it after each one, and SQLite, MariaDB and MySQL then delete
row by row, which the triggers of postings refuse.
"""

from typing import Any

from django.core.management.commands import flush
from django.db import connections

from scanforpay_django.models.append_only_guard import database_is_emptied


class Command(flush.Command):
    """Empties the whole database."""

    def handle(self, **options: Any) -> Any:
        """As Django does it; it asks first."""
        with database_is_emptied(connections[options["database"]]):
            return super().handle(**options)
