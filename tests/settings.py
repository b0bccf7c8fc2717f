"""Settings of the tests: the demo project on a database file, or on TEST_DATABASE_URL."""

import importlib
import os
import socket
import tempfile
from pathlib import Path
from typing import Any

import dj_database_url

from demo_project.settings import *  # noqa: F403
from demo_project.settings import SQLITE_OPTIONS

DEBUG = False
ALLOWED_HOSTS = ["*"]
SCANFORPAY_ENCRYPTION_KEYS = ["Zm9yLXRlc3RzLW9ubHktMzItYnl0ZXMtbG9uZy1rZXk="]
SCANFORPAY_BASE_URL = "http://localhost:8000"
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
        # Django asks for mysqlclient, which has to be compiled; this one is Python.
        importlib.import_module("pymysql").install_as_MySQLdb()
        # A session as it is in China.
        options = {"charset": "utf8mb4", "init_command": "SET time_zone = '+08:00'"}
        return {**dj_database_url.parse(url), "OPTIONS": options}
    return {**dj_database_url.parse(url)}


def _listens(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


DATABASES = {"default": _database()}
if DATABASES["default"]["ENGINE"].endswith("mysql"):
    # The tables are tested there; what else it takes to run is not written yet.
    SILENCED_SYSTEM_CHECKS = ["scanforpay.E034"]
# Where PostgreSQL is asked for and not there: with CI=true the tests fail at their first query, elsewhere all are
# skipped.
POSTGRES_IS_MISSING = DATABASES["default"]["ENGINE"].endswith("postgresql") and not _listens(
    DATABASES["default"]["HOST"] or "127.0.0.1", int(DATABASES["default"]["PORT"] or 5432)
)
if POSTGRES_IS_MISSING and os.environ.get("CI") != "true":
    DATABASES = {"default": _SQLITE}
