"""Waking the worker never blocks and never breaks a commit."""

import logging
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from scanforpay_django.merchant_notify import outbox, waking, worker_channel
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.models import Notification
from tests.merchant import seed_merchant
from tests.platform import WeChatNotice, give_credentials, open_payment
from tests.rows import Rows
from tests.transport.zoo import Zoo
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

calls: list[float] = []

answer: Callable[[], None] = lambda: None  # noqa: E731


def wake_up() -> None:
    calls.append(time.monotonic())
    answer()


@pytest.fixture(autouse=True)
def _bell(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SCANFORPAY_WAKE_UP = f"{__name__}.wake_up"
    monkeypatch.setattr(waking, "_wake_up", waking.WakeUp())
    calls.clear()


def settled(number: int) -> bool:
    ends_at = time.monotonic() + 5
    while len(calls) < number and time.monotonic() < ends_at:
        time.sleep(0.01)
    time.sleep(0.05)
    return len(calls) == number


def test_a_commit_rings_and_a_rollback_does_not(rows: Rows) -> None:
    with transaction.atomic():
        rows.notification("http://127.0.0.1:81/")
        assert calls == []
    assert settled(1)
    with transaction.atomic():
        rows.notification("http://127.0.0.1:81/")
        transaction.set_rollback(True)
    assert settled(1)


def test_a_bell_that_hangs_blocks_nobody(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(f"{__name__}.answer", lambda: release.wait(10))
    before = threading.active_count()
    waking.wake_worker()
    assert settled(1)
    for _ in range(19):
        waking.wake_worker()  # one that waited for the bell would have rung it by now
    assert settled(1)
    assert threading.active_count() <= before + 1
    release.set()
    assert settled(2)  # the first, and one for the nineteen that came meanwhile


def test_a_bell_that_fails_leaves_the_commit_and_says_so_once(
    rows: Rows, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ConnectionError("no Redis")

    monkeypatch.setattr(f"{__name__}.answer", fail)
    for number in (1, 2):
        rows.notification("http://127.0.0.1:81/")
        assert settled(number)
    assert Notification.objects.count() == 2
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_a_bad_path_is_a_failure_like_any_other(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.SCANFORPAY_WAKE_UP = "no.such.thing"
    waking.wake_worker()
    ends_at = time.monotonic() + 5
    while not caplog.records and time.monotonic() < ends_at:
        time.sleep(0.01)
    assert "SCANFORPAY_WAKE_UP" in caplog.text


@pytest.mark.postgres
def test_a_notify_that_fails_leaves_the_commit_and_says_so_once(
    settings: Any, rows: Rows, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SCANFORPAY_WAKE_UP = None
    store = rows.store()  # this thread is connected by now
    worker_channel._notifier.close()
    caplog.set_level(logging.DEBUG, logger=waking.__name__)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", port)
    for number in (1, 2):
        rows.notification("http://127.0.0.1:81/", store)
        wait_for(lambda number=number: len(caplog.records) == number)
    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.DEBUG]
    assert Notification.objects.count() == 2


def test_without_the_setting_nothing_rings(settings: Any, rows: Rows) -> None:
    settings.SCANFORPAY_WAKE_UP = None
    rows.notification("http://127.0.0.1:81/")
    assert settled(0)


def test_a_bell_that_raises_leaves_the_platform_s_answer_and_the_row(
    zoo: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("no thread, no waking")

    merchant = seed_merchant()
    give_credentials(merchant)
    payment = open_payment(merchant, "Wechat", notifyUrl=zoo.answering(b"success"))
    monkeypatch.setattr(outbox, "wake_worker", broken)
    assert WeChatNotice(payment).send().status_code == 200
    assert drain().delivered == 1
