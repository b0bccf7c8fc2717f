"""The sandbox in a project's tests; tests/package/test_pytest_plugin.py has whole projects."""

import pytest
from django.db import connections
from django.urls import reverse

from scanforpay_django import checkout
from scanforpay_django.sandbox.opening import keep_sqlite_in_files, open_sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_repeats")]


class TestWithoutSettings:
    """Where the project has set nothing."""

    @pytest.fixture
    def bare(self, live_server, settings):
        settings.ROOT_URLCONF = "tests.sandbox.only_the_api"
        for name in ("ALLOWED", "URL"):
            setattr(settings, f"SCANFORPAY_SANDBOX_{name}", None)
        settings.SCANFORPAY_ENCRYPTION_KEYS = None
        settings.SCANFORPAY_WAKE_UP = "celery"
        with open_sandbox(live_server.url, settings) as sandbox:
            yield sandbox

    def test_an_order_is_paid(self, bare, store):
        bare.wechat_account(store)
        assert bare.pay(checkout.create(number="A-1", amount=2100)).state == "paid"

    def test_the_sandbox_is_mounted_beside_the_projects_own_pages(self, bare, client, settings):
        assert bare.url.endswith(reverse("scanforpay_sandbox:home").rstrip("/"))
        assert client.get(bare.url + "/").status_code == 200
        assert client.get("/nowhere").content == b"our own 404"


def test_only_a_database_in_memory_becomes_a_file(tmp_path, monkeypatch):
    def database(**changed):
        made = {"ENGINE": "django.db.backends.sqlite3", "NAME": "x.sqlite3", "OPTIONS": {}, **changed}
        return {**made, "TEST": {"NAME": None, "MIRROR": None, **made.get("TEST", {})}}

    known = {
        "default": database(OPTIONS={"timeout": 5}),
        "memory": database(NAME=":memory:", TEST={"NAME": ":memory:"}),
        "file": database(TEST={"NAME": "test.sqlite3"}),
        "mirror": database(TEST={"MIRROR": "default"}),
    }
    handler = type(connections)(known)
    monkeypatch.setattr("scanforpay_django.sandbox.opening.connections", handler)
    keep_sqlite_in_files(tmp_path)
    names = {
        alias: (one["NAME"], one["TEST"]["NAME"]) for alias, one in handler.settings.items() if alias in known
    }
    default, memory = str(tmp_path / "default.sqlite3"), str(tmp_path / "memory.sqlite3")
    assert names == {
        "default": ("x.sqlite3", default),
        "memory": (memory, memory),
        "file": ("x.sqlite3", "test.sqlite3"),
        "mirror": ("x.sqlite3", None),
    }
    assert handler.settings["default"]["OPTIONS"]["timeout"] == 5
    assert handler.settings["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert handler.settings["file"]["OPTIONS"] == {}
