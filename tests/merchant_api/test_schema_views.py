"""The page that shows the API asks no other host, and does without Redoc."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from scanforpay_django.merchant_api import schema_views


def document() -> dict[str, Any]:
    """As it is served."""
    found: dict[str, Any] = Client().get("/api/schema/").json()
    return found


def test_the_page_asks_no_other_host() -> None:
    page = Client().get("/api/schema/page")
    assert page.status_code == 200
    assert b"://" not in page.content
    assert "script-src 'self'" in page["Content-Security-Policy"]
    assert b"<redoc " in page.content
    assert b"pip install" not in page.content
    assert Client().get("/api/schema/redoc.js")["Content-Type"] == "text/javascript; charset=utf-8"


@pytest.fixture
def without_redoc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The extra is not installed: importing its package fails."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "drf_spectacular_sidecar"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "drf_spectacular_sidecar", None)
    schema_views._redoc.cache_clear()
    yield
    schema_views._redoc.cache_clear()


def test_without_redoc_the_page_says_how_to_get_it(without_redoc: None) -> None:
    page = Client().get("/api/schema/page")
    assert page.status_code == 200
    assert b'pip install "scanforpay-django[openapi]"' in page.content
    assert b'<a href="/api/schema/">' in page.content
    assert b"<script" not in page.content
    assert b"://" not in page.content
    assert document()["openapi"] == "3.1.0"
    assert Client().get("/api/schema/redoc.js").status_code == 404
