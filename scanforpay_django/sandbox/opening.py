"""Open the sandbox in a project's tests: its addresses, the settings that it needs, and test databases for threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler

from django.db import connections
from django.db.backends.sqlite3.creation import DatabaseCreation
from django.urls import NoReverseMatch, get_resolver, include, path, reverse

from scanforpay_django.conf import LOOPBACK, conf

from . import misbehave, moved_clock, notify
from .testing import Sandbox

#: where the sandbox is in a test whose project has not mounted it
MOUNT = "scanforpay-sandbox/"
#: what threads that write at the same time need of SQLite; nothing has to survive the test
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
}


@contextmanager
def open_sandbox(url: str, settings: Any) -> Iterator[Sandbox]:
    """The sandbox on a live server, which is the project's base URL for the time of the test.

    ``settings`` is pytest-django's fixture, which puts everything back.
    """
    settings.SCANFORPAY_SANDBOX_ALLOWED = True
    settings.SCANFORPAY_BASE_URL = url
    # pytest-django turns DEBUG off, and with it the key that the project develops with.
    settings.SCANFORPAY_ENCRYPTION_KEYS = (
        conf.encryption_keys if conf.encryption_keys_are_set else [conf.derived_encryption_key]
    )
    settings.SCANFORPAY_OUTBOUND_ALLOW = [*getattr(settings, "SCANFORPAY_OUTBOUND_ALLOW", LOOPBACK), url]
    # The project's worker has another database: here ``work`` does what is woken up for.
    settings.SCANFORPAY_WAKE_UP = None
    # The live server has no TLS, and its middleware has read already whether it redirects.
    if settings.SECURE_SSL_REDIRECT:
        settings.SECURE_PROXY_SSL_HEADER = ("SERVER_SOFTWARE", WSGIRequestHandler.server_version)
    settings.SCANFORPAY_SANDBOX_URL = url + _mount(settings).rstrip("/")
    moved_clock.reset()
    yield Sandbox(settings.SCANFORPAY_SANDBOX_URL)
    misbehave.release()
    notify.stop_all()
    moved_clock.reset()


def _mount(settings: Any) -> str:
    """The sandbox's path: the project's own, or one that is added for the time of the test."""
    try:
        return reverse("scanforpay_sandbox:home")
    except NoReverseMatch:
        project = get_resolver()
    mounted = ModuleType("scanforpay_sandbox_mounted")
    vars(mounted).update(
        {name: value for name, value in vars(project.urlconf_module).items() if name.startswith("handler")},
        urlpatterns=[path(MOUNT, include("scanforpay_django.sandbox.urls")), *project.url_patterns],
    )
    settings.ROOT_URLCONF = mounted
    return reverse("scanforpay_sandbox:home")


def keep_sqlite_in_files(folder: Path) -> None:
    """Have SQLite test databases that would be in memory made in ``folder``. Call it before they are made.

    The server, the platforms' notifications and the worker are threads, and SQLite in shared memory tells threads
    "table is locked", whatever its timeout.
    """
    in_memory = DatabaseCreation.is_in_memory_db
    for alias, wanted in connections.settings.items():
        if connections[alias].vendor != "sqlite" or wanted["TEST"]["MIRROR"]:
            continue
        if not in_memory(wanted["TEST"]["NAME"] or ":memory:"):
            continue
        file = str(folder / f"{alias}.sqlite3")
        wanted["TEST"]["NAME"] = file
        wanted["OPTIONS"] = {**SQLITE_OPTIONS, **wanted["OPTIONS"]}
        if in_memory(wanted["NAME"]):
            # The live server is started before the test database is made, and would lend its threads one connection.
            wanted["NAME"] = file
