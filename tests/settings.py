"""Settings of the tests: the demo project on a database file, or on TEST_DATABASE_URL."""

import atexit
import importlib
import os
import shutil
import socket
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dj_database_url
from django import VERSION

from demo_project.settings import *  # noqa: F403
from demo_project.settings import SQLITE_OPTIONS, STORAGES, TIME_ZONE

DEBUG = False
ALLOWED_HOSTS = ["*"]
SCANFORPAY_ENCRYPTION_KEYS = ["Zm9yLXRlc3RzLW9ubHktMzItYnl0ZXMtbG9uZy1rZXk="]
SCANFORPAY_BASE_URL = "http://localhost:8000"
_bills = tempfile.mkdtemp(prefix="scanforpay-test-bills-")
STORAGES = {**STORAGES, "bills": {**STORAGES["bills"], "OPTIONS": {"location": _bills}}}
atexit.register(shutil.rmtree, _bills, ignore_errors=True)
if VERSION >= (6, 1):
    # It takes the place of EMAIL_BACKEND and the settings beside it, and sending warns where it is missing.
    MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend"}}
# A project without time zones, in a zone with summer time.
if os.environ.get("TEST_USE_TZ") == "false":
    USE_TZ = False
TIME_ZONE = os.environ.get("TEST_TIME_ZONE", TIME_ZONE)
# A shop that pays with django-payments: pytest tests/django_payments
if os.environ.get("TEST_DJANGO_PAYMENTS"):
    INSTALLED_APPS = [
        *INSTALLED_APPS, "payments", "scanforpay_django.django_payments", "tests.django_payments.payments_shop",  # noqa: F405
    ]  # fmt: skip
    PAYMENT_HOST, PAYMENT_USES_SSL, PAYMENT_MODEL = "localhost:8000", False, "payments_shop.Payment"
    PAYMENT_VARIANTS = {
        "phone": ("scanforpay_django.django_payments.provider.ScanForPayProvider", {}),
        "second": (
            "scanforpay_django.django_payments.provider.ScanForPayProvider",
            {"store": "100010000000009", "wallet": "Alipay"},
        ),
    }
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Tests with threads need a database file: SQLite in shared memory reports "table is locked".
_file = str(Path(tempfile.gettempdir()) / f"scanforpay-test-{os.getpid()}.sqlite3")
_SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": _file,
    "OPTIONS": SQLITE_OPTIONS,
    "TEST": {"NAME": _file},
}


def _database() -> dict[str, Any]:
    """PostgreSQL or MariaDB where TEST_DATABASE_URL says so, SQLite otherwise."""
    url = os.environ.get("TEST_DATABASE_URL")
    if not url:
        return _SQLITE
    if url.startswith("mysql:"):
        if find_spec("MySQLdb") is None:
            # Django asks for mysqlclient, which has to be compiled; this one is Python.
            importlib.import_module("pymysql").install_as_MySQLdb()
        # A session as it is in China, with the servers' own isolation: Django would ask for READ COMMITTED.
        options = {
            "charset": "utf8mb4",
            "init_command": "SET time_zone = '+08:00'",
            "isolation_level": "repeatable read",
        }
        return {**dj_database_url.parse(url), "OPTIONS": options}
    return {**dj_database_url.parse(url)}


def _listens(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


DATABASES = {"default": _database()}
# Where a server is asked for and not there: with CI=true the tests fail at their first query, elsewhere all are
# skipped.
_PORTS = {"postgresql": 5432, "mysql": 3306}
_port = _PORTS.get(DATABASES["default"]["ENGINE"].rpartition(".")[2])
DATABASE_IS_MISSING = _port is not None and not _listens(
    DATABASES["default"]["HOST"] or "127.0.0.1", int(DATABASES["default"]["PORT"] or _port)
)
if DATABASE_IS_MISSING and os.environ.get("CI") != "true":
    DATABASES = {"default": _SQLITE}
