"""Databases for the projects: text of settings, and what is removed afterwards."""

import os
import secrets
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

SQLITE = """
DATABASES = {"default": {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": BASE_DIR / "db.sqlite3",
    "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20},
}}
"""
POSTGRESQL = """
DATABASES = {{"default": {{
    "ENGINE": "django.db.backends.postgresql",
    "NAME": {name!r}, "USER": {user!r}, "HOST": {host!r}, "PORT": {port},
}}}}
"""
MARIADB = """
import pymysql
pymysql.install_as_MySQLdb()
DATABASES = {{"default": {{
    "ENGINE": "django.db.backends.mysql",
    "NAME": {name!r}, "USER": {user!r}, "HOST": {host!r}, "PORT": {port},
    "OPTIONS": {{"init_command": "SET time_zone = '+08:00'", "isolation_level": "repeatable read"}},
}}}}
# No index is missing: the app's partial ones begin with their condition's columns there.
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "models.W037"]
"""


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where databases are made."""

    address: SplitResult
    # the text for settings.py
    settings: str
    # run by the project's own driver, for the tests' environment may have none: address, statement
    program: str
    remove: str
    # what to do where nothing listens
    missing: str

    @property
    def listens(self) -> bool:
        """Whether it is there."""
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((self.address.hostname, self.address.port)) == 0

    def run(self, python: Path, statement: str) -> None:
        """A statement outside of the database."""
        subprocess.run([python, "-c", self.program, self.address.geturl(), statement], check=True)


SERVERS = {
    "postgresql": Server(
        address=urlsplit(os.environ.get("HOSTS_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432")),
        settings=POSTGRESQL,
        program="import psycopg, sys\n"
        "psycopg.connect(sys.argv[1] + '/postgres', autocommit=True).execute(sys.argv[2])",
        remove="DROP DATABASE {} WITH (FORCE)",
        missing="needs PostgreSQL at 127.0.0.1:5432: apt install postgresql",
    ),
    "mariadb": Server(
        address=urlsplit(os.environ.get("HOSTS_MARIADB_URL", "mysql://root@127.0.0.1:3306")),
        settings=MARIADB,
        program="import pymysql, sys, urllib.parse\n"
        "at = urllib.parse.urlsplit(sys.argv[1])\n"
        "pymysql.connect(host=at.hostname, port=at.port, user=at.username).cursor().execute(sys.argv[2])",
        remove="DROP DATABASE {}",
        missing="needs MariaDB at 127.0.0.1:3306, root without a password: apt install mariadb-server",
    ),
}


def missing(database: str) -> str:
    """What the machine lacks for it, "" for nothing."""
    return "" if database == "sqlite" or SERVERS[database].listens else SERVERS[database].missing


@contextmanager
def open_database(database: str, python: Path) -> Iterator[str]:
    """The text for settings.py, while the database is there."""
    if database == "sqlite":
        yield SQLITE
        return
    server, name = SERVERS[database], f"scanforpay_host_{secrets.token_hex(6)}"
    server.run(python, f"CREATE DATABASE {name}")
    try:
        at = server.address
        yield server.settings.format(name=name, user=at.username, host=at.hostname, port=at.port)
    finally:
        server.run(python, server.remove.format(name))
