"""``/healthz``."""

import pytest
from django.db import connections
from django.test import Client

pytestmark = pytest.mark.urls("tests.health.urls")


def test_it_asks_nothing_either_where_requests_are_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections["default"].settings_dict, "ATOMIC_REQUESTS", True)
    assert Client().get("/healthz").status_code == 200


def test_it_asks_nothing_of_the_database() -> None:
    """No database is allowed in this test."""
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["Cache-Control"] == "private, no-store"
