"""System checks of the databases; ``checks`` has all others."""

from sqlite3 import sqlite_version_info
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.db import connections

from scanforpay_django.conf import CHECK_TAG
from scanforpay_django.merchant_notify.sql import STATEMENTS
from scanforpay_django.models import Partner
from scanforpay_django.models.database import connection, database

LABEL = "scanforpay"
MIN_SQLITE = (3, 35, 0)


@register(CHECK_TAG)
def check_sqlite(**_kwargs: Any) -> list[CheckMessage]:
    """E033: a SQLite without RETURNING."""
    uses_sqlite = any(connections[alias].vendor == "sqlite" for alias in connections)
    if not uses_sqlite or sqlite_version_info >= MIN_SQLITE:
        return []
    wanted = ".".join(str(part) for part in MIN_SQLITE)
    hint = "A newer Python or operating system brings it; or use PostgreSQL."
    return [Error(f"Notifications need SQLite {wanted} or newer.", hint=hint, id="scanforpay.E033")]


@register(CHECK_TAG)
def check_label(**_kwargs: Any) -> list[CheckMessage]:
    """E042: an AppConfig of the project's that renames the app. Migrations, permissions and tables have its label."""
    label = Partner._meta.app_label
    if label == LABEL:
        return []
    hint = f"Leave label = {LABEL!r} in the AppConfig. Its verbose_name may be any."
    text = f"The app has the label {label!r}: its migrations and permissions are those of {LABEL!r}."
    return [Error(text, hint=hint, id="scanforpay.E042")]


@register(CHECK_TAG)
def check_vendor(**_kwargs: Any) -> list[CheckMessage]:
    """E034: a database whose SQL is not written."""
    if connection().vendor in STATEMENTS:
        return []
    text = (
        f"{connection().display_name} cannot hold orders and notifications: their SQL is not written for it."
    )
    hint = (
        f"Use PostgreSQL, MariaDB, MySQL or SQLite for the database {database()!r}, or lead scanforpay's tables to "
        "such a database by DATABASE_ROUTERS."
    )
    return [Error(text, hint=hint, id="scanforpay.E034")]
