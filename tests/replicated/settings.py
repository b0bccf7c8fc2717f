"""The tests' settings with a replica; both databases are named by REPLICATED_DATABASE_URLS, or are files in
REPLICATED_DIRECTORY.
"""

import os

import dj_database_url

from tests.settings import *  # noqa: F403
from tests.settings import SQLITE_OPTIONS

_directory, _urls = os.environ["REPLICATED_DIRECTORY"], os.environ.get("REPLICATED_DATABASE_URLS", "").split()
_FILE = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": SQLITE_OPTIONS}
DATABASES = dict(
    zip(
        ("default", "replica"),
        map(dj_database_url.parse, _urls)
        if _urls
        else ({**_FILE, "NAME": f"{_directory}/{name}.sqlite3"} for name in ("primary", "replica")),
        strict=True,
    )
)
DATABASE_ROUTERS = ["tests.replicated.router.Router"]
