"""Databases that cannot hold our tables are refused, with an id and a hint."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.checks.registry import registry
from django.db import connections

from scanforpay_django import database_checks


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
        ("mysql", ["scanforpay.E034"]),
        ("oracle", ["scanforpay.E034"]),
    ],
)
def test_a_database_without_its_sql_is_found(
    monkeypatch: pytest.MonkeyPatch, vendor: str, found: list[str]
) -> None:
    monkeypatch.setattr(connections["default"], "vendor", vendor)
    assert ids(database_checks.check_vendor) == found
    assert database_checks.check_vendor in registry.get_checks()
