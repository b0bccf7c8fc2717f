"""The tables on MariaDB: migrations, conditional uniqueness, and comparing byte for byte."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.mariadb, pytest.mark.sqlite]

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def run(*command: str, database: str) -> str:
    """A command of Python's with the tests' settings on MariaDB; what it printed."""
    url = f"mysql://root@127.0.0.1:3306/{database}"
    environment = {**os.environ, "TEST_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    ran = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=150
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def test_what_is_unique_is_unique_on_mariadb_too() -> None:
    tests = str(HERE / "test_uniqueness.py")
    printed = run("-m", "pytest", "-q", "-p", "no:cacheprovider", tests, database=f"scanforpay_{os.getpid()}")
    assert " passed" in printed
    assert "skipped" not in printed
    assert "failed" not in printed


def test_nothing_but_the_speed_of_an_index_is_lost_on_mariadb() -> None:
    """W037: an index with a condition becomes one over all rows."""
    program = (
        "import django; django.setup()\n"
        "from django.core.checks import run_checks\n"
        "found = run_checks(databases=['default'])\n"
        "print(sorted({message.id for message in found if message.id.startswith(('models.', 'fields.', 'mysql.'))}))\n"
    )
    assert run("-c", program, database="mysql").splitlines()[-1] == "['models.W037']"
