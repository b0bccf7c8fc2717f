"""``/healthz``."""

import pytest
from django.test import Client

pytestmark = pytest.mark.urls("tests.health.urls")


def test_it_asks_nothing_of_the_database() -> None:
    """No database is allowed in this test."""
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["Cache-Control"] == "private, no-store"
