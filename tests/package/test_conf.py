"""Settings are read as they are at the moment, whichever way they were changed."""

from typing import Any

import pytest
from django.conf import settings as project
from django.test import override_settings

from scanforpay_django.conf import conf


def test_what_is_not_set_has_its_default(settings: Any) -> None:
    settings.SCANFORPAY_REQUEST_WINDOW_SECONDS = 60
    assert conf.request_window_seconds == 60
    del settings.SCANFORPAY_REQUEST_WINDOW_SECONDS
    assert conf.request_window_seconds == 900


def test_an_override_ends() -> None:
    with override_settings(SCANFORPAY_REQUEST_WINDOW_SECONDS=60):
        assert conf.request_window_seconds == 60
    assert conf.request_window_seconds == 900


def test_an_assignment_is_seen_after_the_default_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert conf.request_window_seconds == 900
    monkeypatch.setattr(project, "SCANFORPAY_REQUEST_WINDOW_SECONDS", 60, raising=False)
    assert conf.request_window_seconds == 60
    monkeypatch.undo()
    assert conf.request_window_seconds == 900


def test_the_sandbox_is_below_the_script_name() -> None:
    with override_settings(SCANFORPAY_BASE_URL="http://pay.example", FORCE_SCRIPT_NAME="/shop/"):
        assert conf.sandbox_url == "http://pay.example/shop/sandbox"
    with override_settings(
        SCANFORPAY_BASE_URL="http://pay.example", SCANFORPAY_SANDBOX_URL="http://x.example/s"
    ):
        assert conf.sandbox_url == "http://x.example/s"
