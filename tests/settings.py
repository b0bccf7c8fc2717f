"""Settings of the tests: the demo project on a database file, or on TEST_DATABASE_URL."""

import os
import tempfile
from pathlib import Path

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
if os.environ.get("TEST_DATABASE_URL"):
    DATABASES = {"default": dj_database_url.parse(os.environ["TEST_DATABASE_URL"])}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": _file,
            "OPTIONS": SQLITE_OPTIONS,
            "TEST": {"NAME": _file},
        }
    }
