"""``scanforpay_worker`` in a process of its own, on the test's database."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

from tests.waiting import wait_for

ROOT = Path(__file__).parents[1]
#: no test lasts so long: what such a worker does after its start, it was woken for
NEVER = 3600.0

PROGRAM = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
from django.conf import settings
django.setup()
settings.DATABASES["default"]["NAME"] = sys.argv[1]
"""
WORK = """
from django.core.management import call_command
call_command("scanforpay_worker", "--sweep-seconds", sys.argv[2])
"""


def start(program: str, *arguments: str, **options: Any) -> "subprocess.Popen[bytes]":
    """A program that goes on where Django is set up for the test's database."""
    name = str(connection.settings_dict["NAME"])
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM + program, name, *arguments], env=environment, cwd=ROOT, **options
    )


def is_heard_by_postgresql() -> bool:
    """Whether a worker listens; on SQLite there is nothing to see."""
    return connection.vendor != "postgresql" or bool(backends("LISTEN%"))


def backends(statement: str) -> set[int]:
    """PostgreSQL's processes for this database whose last statement is like ``statement``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND query LIKE %s",
            [statement],
        )
        return {pid for (pid,) in cursor.fetchall()}


@contextmanager
def worker_that_sleeps(log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """A worker that looks once, at its start; it listens when the context begins."""
    with log.open("wb") as output:
        worker = start(WORK, str(NEVER), stdout=output, stderr=output)
    try:
        wait_for(is_heard_by_postgresql, 30)
        yield worker
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=20) == 0
    finally:
        worker.kill()
        worker.wait()
        print(log.read_text(errors="replace")[-3000:])
