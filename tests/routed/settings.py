"""The tests' settings with two databases; ROUTED_DIRECTORY holds the default one, ROUTED_DATABASE_URL is the other."""

import os

import dj_database_url

from tests.settings import *  # noqa: F403
from tests.settings import SQLITE_OPTIONS

_directory, _url = os.environ["ROUTED_DIRECTORY"], os.environ.get("ROUTED_DATABASE_URL", "")
_FILE = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": SQLITE_OPTIONS}
DATABASES = {
    "default": {**_FILE, "NAME": f"{_directory}/project.sqlite3"},
    "payments": dj_database_url.parse(_url) if _url else {**_FILE, "NAME": f"{_directory}/payments.sqlite3"},
}
DATABASE_ROUTERS = ["tests.routed.router.Router"]
