"""This process's calls to platforms are counted and written down."""

import os
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from scanforpay_django import clock
from scanforpay_django.models import PlatformMinute
from scanforpay_django.operations import platform_minutes
from scanforpay_django.operations.platform_minutes import PlatformMinutes, forget_platform_minutes
from scanforpay_django.wallets.platform_calls import PlatformCall
from tests.house import house, merchant, phones
from tests.merchant import Merchant

__all__ = ["house", "merchant", "phones"]
pytestmark = pytest.mark.django_db


def called(error: str = "", milliseconds: int | None = 100, host: str = "api.example") -> PlatformCall:
    return PlatformCall(wallet="Wechat", host=host, milliseconds=milliseconds, error=error)


@pytest.mark.django_db(transaction=True)
def test_a_payment_that_is_begun_is_counted(merchant: Merchant, phones: Any) -> None:
    assert phones("wechat").open(merchant.create()["payUrl"]).attribute("view") == "bridge"
    platform_minutes.minutes.write()
    rows = PlatformMinute.objects.filter(wallet="Wechat")
    assert sum(row.calls for row in rows) >= 1
    assert not any(row.errors for row in rows)


def test_calls_of_a_minute_are_one_row_however_often_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now().replace(second=10)
    monkeypatch.setattr(clock, "now", lambda: now)
    minutes = PlatformMinutes()
    for error in ("", "HTTP 500", ""):
        minutes.count(called(error))
        minutes.write()
    minutes.count(called("SYSTEM_ERROR", milliseconds=None))
    minutes.write()
    row = PlatformMinute.objects.get()
    assert (row.calls, row.errors, row.last_error) == (3, 2, "SYSTEM_ERROR")
    assert row.minute == now.replace(second=0, microsecond=0)
    assert sum(row.durations.values()) == 3


def test_a_call_writes_what_was_counted_when_it_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform_minutes, "WRITE_SECONDS", 0.0)
    PlatformMinutes().count(called())
    assert PlatformMinute.objects.get().calls == 1


def test_hosts_and_minutes_have_rows_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = clock.now().replace(second=0)
    minutes = PlatformMinutes()
    for later in (0, 1, 5):
        monkeypatch.setattr(clock, "now", lambda later=later: begun + timedelta(minutes=later))
        minutes.count(called())
        minutes.count(called(host="api2.example"))
        minutes.write()
    assert PlatformMinute.objects.count() == 6


def test_a_row_that_was_taken_back_or_deleted_is_written_again() -> None:
    minutes = PlatformMinutes()
    minutes.count(called())
    minutes.write()
    PlatformMinute.objects.all().delete()
    minutes.count(called())
    minutes.write()
    assert PlatformMinute.objects.get().calls == 2


def test_a_database_that_fails_fails_no_call(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: object, **_columns: object) -> None:
        raise DatabaseError("is full")

    monkeypatch.setattr(PlatformMinute.objects, "create", fail)
    minutes = PlatformMinutes()
    minutes.count(called())
    minutes.write()
    assert "is full" in caplog.text


def test_nothing_is_lost_between_threads() -> None:
    minutes = PlatformMinutes()
    threads = [
        threading.Thread(target=lambda: [minutes.count(called()) for _ in range(500)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    minutes.write()
    assert sum(PlatformMinute.objects.values_list("calls", flat=True)) == 2000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks")
def test_a_forked_process_begins_anew() -> None:
    before = platform_minutes.minutes
    platform_minutes._begin_anew()
    assert platform_minutes.minutes is not before


def test_old_minutes_go() -> None:
    now = clock.now()
    for days in (0, 7, 9, 10):
        PlatformMinute.objects.create(wallet="Wechat", host="h", minute=now - timedelta(days=days))
    assert forget_platform_minutes(limit=1) is True
    assert forget_platform_minutes() is False
    assert PlatformMinute.objects.count() == 2


def test_a_code_that_no_database_stores_costs_no_counts() -> None:
    minutes = PlatformMinutes()
    minutes.count(called("SYSTEM\0ERROR \ud83d"))
    minutes.count(called(host="other.example"))
    minutes.write()
    assert PlatformMinute.objects.count() == 2
    assert PlatformMinute.objects.get(errors=1).last_error == "SYSTEM\ufffdERROR ?"
