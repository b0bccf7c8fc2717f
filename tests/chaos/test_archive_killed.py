"""An archive run is killed at any moment: no order and no row is lost, and the same command goes on."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from scanforpay_django.books.postings import post_orders
from scanforpay_django.models import Order
from scanforpay_django.operations.archive.import_orders import import_orders
from scanforpay_django.operations.archive.look_up import find_orders
from tests.chaos.services import ROOT
from tests.operations.archive.closed_orders import everything, is_empty, make_orders, path
from tests.rows import Rows
from tests.waiting import wait_for

__all__ = ["path"]
pytestmark = pytest.mark.django_db(transaction=True)

ORDERS, BATCH, KILLS = 120, 4, 8


def start(path: Path) -> subprocess.Popen[bytes]:
    """The command in a process of its own, on this test's database."""
    settings: dict[str, Any] = connection.settings_dict
    schemes = {"postgresql": ("postgres", 5432), "mysql": ("mysql", 3306)}
    if connection.vendor in schemes:
        scheme, port = schemes[connection.vendor]
        where = f"{settings['USER']}@{settings['HOST']}:{settings['PORT'] or port}/{settings['NAME']}"
        database = {"DATABASE_URL": f"{scheme}://{where}"}
    else:
        database = {"DEMO_DATABASE": str(settings["NAME"])}
    environment = {**os.environ, **database, "DJANGO_SETTINGS_MODULE": "demo_project.settings", "DEBUG": "1"}
    command = [sys.executable, "manage.py", "scanforpay_archive", "--before", "2025-01-01", "--to", str(path)]
    return subprocess.Popen(
        [*command, "--batch", str(BATCH)], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    # The server notices the end of its client when it next talks to it, and rolls its transaction back.
    others = {
        # This process has one more connection, which waits to wake workers.
        "postgresql": "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND state <> 'idle'",
        "mysql": "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() "
        "AND id <> CONNECTION_ID()",
    }.get(connection.vendor)
    if others:
        wait_for(lambda: count(others) == 0, 60)


def count(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def numbers_in(path: Path) -> set[str]:
    return (
        {entry.order_no for entry, _rows in find_orders(path)}
        if path.exists() and path.stat().st_size
        else set()
    )


def finish(path: Path) -> None:
    """The same command once more."""
    assert start(path).wait(120) == 0
    assert is_empty()


def test_a_run_that_is_killed_again_and_again_loses_nothing(rows: Rows, path: Path) -> None:
    orders = {order.order_no for order in make_orders(rows, ORDERS)}
    before = everything()
    dice = random.Random(20)
    for _kill in range(KILLS):
        size = path.stat().st_size if path.exists() else 0
        wanted = size + dice.randrange(1, 6000)
        process = start(path)

        def is_time(wanted: int = wanted, process: subprocess.Popen[bytes] = process) -> bool:
            return process.poll() is not None or (path.exists() and path.stat().st_size >= wanted)

        wait_for(is_time, 120)
        kill(process)
        in_database = set(Order.objects.values_list("order_no", flat=True))
        assert in_database | numbers_in(path) == orders
        if process.returncode == 0:
            break
    if Order.objects.exists():
        finish(path)
    assert numbers_in(path) == orders
    assert import_orders(path).orders == ORDERS
    assert everything() == before


@contextmanager
def deletes_held_back() -> Iterator[None]:
    """Nobody deletes orders meanwhile: the run has written its batch, and waits."""
    settings: dict[str, Any] = connection.settings_dict
    if connection.vendor == "postgresql":
        with psycopg.connect(
            host=settings["HOST"],
            port=settings["PORT"] or 5432,
            user=settings["USER"],
            dbname=settings["NAME"],
        ) as held:
            held.execute("LOCK TABLE scanforpay_archivednumber IN EXCLUSIVE MODE")
            yield
    elif connection.vendor == "mysql":
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLES scanforpay_archivednumber READ")
            yield
        other.close()
    else:
        held = sqlite3.connect(settings["NAME"], isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        yield
        held.close()


def test_what_is_in_the_file_and_in_the_database_is_deleted_by_the_next_run(rows: Rows, path: Path) -> None:
    orders = {order.order_no for order in make_orders(rows, BATCH)}
    # The ledger first: on SQLite it would wait for the same lock.
    post_orders(Order.objects.values_list("pk", flat=True))
    before = everything()
    with deletes_held_back():
        process = start(path)
        wait_for(lambda: process.poll() is not None or numbers_in_whole(path) == orders, 120)
        process.send_signal(signal.SIGKILL)
        process.wait(60)
    kill(process)
    assert process.returncode == -signal.SIGKILL
    assert everything() == before
    assert numbers_in(path) == orders
    finish(path)
    assert numbers_in(path) == orders
    assert import_orders(path).orders == BATCH
    assert everything() == before


def numbers_in_whole(path: Path) -> set[str]:
    """The file may be without its header yet."""
    try:
        return numbers_in(path)
    except Exception:
        return set()
