"""Databases that cannot hold our tables are refused, with an id and a hint."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.checks.registry import registry
from django.db import connections

from scanforpay_django import database_checks

ROOT = Path(__file__).parents[2]


def ids(check: Callable[[], list[Any]]) -> list[str]:
    """What a check found; everything has a hint."""
    found = check()
    assert all(message.hint for message in found)
    return [message.id for message in found]


@pytest.mark.parametrize(("version", "found"), [((3, 34, 1), ["scanforpay.E033"]), ((3, 35, 0), [])])
def test_an_old_sqlite_is_found(monkeypatch: pytest.MonkeyPatch, version: Any, found: list[str]) -> None:
    monkeypatch.setattr(
        database_checks, "connections", {"default": type("Connection", (), {"vendor": "sqlite"})}
    )
    monkeypatch.setattr(database_checks, "sqlite_version_info", version)
    assert ids(database_checks.check_sqlite) == found


@pytest.mark.parametrize(
    ("vendor", "found"),
    [
        ("postgresql", []),
        ("sqlite", []),
        ("mysql", []),
        ("oracle", ["scanforpay.E034"]),
    ],
)
def test_a_database_without_its_sql_is_found(
    monkeypatch: pytest.MonkeyPatch, vendor: str, found: list[str]
) -> None:
    monkeypatch.setattr(connections["default"], "vendor", vendor)
    assert ids(database_checks.check_vendor) == found
    assert database_checks.check_vendor in registry.get_checks()


RENAMED = """
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "tests.package.renamed.PayConfig"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    SCANFORPAY_BASE_URL="https://pay.example.com",
    ROOT_URLCONF="scanforpay_django.urls",
)
import django
django.setup()
from django.core.management import call_command
call_command("check")
"""


def test_an_app_that_is_renamed_is_found() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", RENAMED], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 1
    assert "scanforpay.E042" in ran.stderr
    assert ids(database_checks.check_label) == []
