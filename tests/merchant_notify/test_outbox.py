"""Faults that belong to no single part: bells that raise, clocks that are off, buttons pressed twice."""

import contextlib
import logging
import re
import socket
import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection
from django.db.models import F
from django.db.models.functions import Now

from scanforpay_django.merchant_notify import outbox
from scanforpay_django.merchant_notify.claim import claim
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.merchant_notify.outbox import resend
from scanforpay_django.merchant_notify.record import Result, record
from scanforpay_django.models import Notification
from scanforpay_django.transport import Outcome
from tests.merchant import seed_merchant
from tests.platform import WeChatNotice, give_credentials, open_payment
from tests.rows import SECRET, Rows, closed_port, raced
from tests.transport.zoo import Zoo, read_request, whole

pytestmark = pytest.mark.django_db(transaction=True)


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


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_worker_whose_clock_is_off_is_neither_early_nor_late(rows: Rows, zoo: Zoo, minutes: int) -> None:
    url = zoo.answering(b"success")
    due, not_due, leased = (rows.notification(url) for _ in range(3))
    Notification.objects.filter(pk=not_due.pk).update(next_at=Now() + timedelta(minutes=5))
    Notification.objects.filter(pk=leased.pk).update(lease_until=Now() + timedelta(minutes=5))
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=minutes)):
        assert drain().claimed == 1
    due.refresh_from_db()
    assert due.state == Notification.State.DELIVERED
    sent_at = int(re.findall(rb"Webhook-Timestamp: (\d+)", zoo.requests[0])[0])
    assert abs(sent_at - datetime.now(UTC).timestamp()) < 60
    late = Notification.objects.filter(pk=due.pk, delivered_at__lt=F("next_at") - timedelta(minutes=1))
    assert not late.exists()


@pytest.mark.postgres
def test_send_again_pressed_by_eight_sends_once(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(b"success"))
    drain()
    raced(8, lambda: resend(notification))
    raced(8, drain)
    assert len(zoo.requests) == 2
    assert list(notification.attempts.values_list("number", flat=True)) == [1, 2]


@pytest.mark.postgres
def test_send_again_during_a_try_and_over_and_over_never_sends_twice_at_once(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(b"fail", seconds=0.3))
    stop = threading.Event()

    def press() -> None:
        while not stop.is_set():
            resend(notification)

    def deliver() -> None:
        drain(max_seconds=2)
        stop.set()

    works = iter([press, deliver, deliver])
    raced(3, lambda: next(works)())
    attempts = list(notification.attempts.order_by("number"))
    assert [attempt.number for attempt in attempts] == list(range(1, len(zoo.requests) + 1))
    for before, after in pairwise(attempts):
        assert before.started_at + timedelta(milliseconds=before.duration_ms) <= after.started_at


def test_a_try_that_nobody_recorded_is_said_to_be_so_when_it_is_sent_again(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(b"success"))
    (lost,) = claim(1).taken
    Notification.objects.update(lease_until=Now())
    assert resend(notification)
    assert drain().delivered == 1
    assert list(notification.attempts.values_list("number", "state")) == [(1, "unknown"), (2, "acknowledged")]
    assert record([Result(claimed=lost, outcome=Outcome(status=500))]).lost == 1


def test_a_proxy_in_the_environment_is_not_asked(
    rows: Rows, zoo: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    rows.notification(zoo.answering(b"success"))
    assert drain().delivered == 1


def test_no_key_and_no_body_is_in_the_log(
    rows: Rows, zoo: Zoo, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    settings.SCANFORPAY_NOTIFY_MAX_TRIES = 1
    caplog.set_level(logging.DEBUG)
    notification = rows.notification(f"{zoo.answering(b'fail')}/n?token=of-the-shop")
    assert drain().exhausted == 1
    assert "given up after 1 tries" in caplog.text
    for secret in (SECRET, "of-the-shop", "v1,", notification.order.partner_order_no, '"response"'):
        assert secret not in caplog.text


@pytest.mark.postgres
def test_a_database_that_turns_read_only_cuts_no_send_short(rows: Rows, zoo: Zoo) -> None:
    """A failover leaves the old primary so. What it does not take is sent again, and nobody is hung up on."""
    hung_up = []

    def slow(asking: socket.socket, _stop: threading.Event) -> None:
        read_request(asking)
        asking.settimeout(1)
        try:
            hung_up.append(asking.recv(1))
        except TimeoutError:
            asking.sendall(whole(b"success"))

    rows.notification(zoo.cage(slow))
    name = connection.ops.quote_name(connection.settings_dict["NAME"])

    def fail_over(asking: socket.socket, _stop: threading.Event) -> None:
        read_request(asking)
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
            cursor.execute(
                "SELECT PG_TERMINATE_BACKEND(pid) FROM pg_stat_activity "
                "WHERE datname = CURRENT_DATABASE() AND pid <> PG_BACKEND_PID()"
            )
        connection.close()
        asking.sendall(whole(b"success"))

    rows.notification(zoo.cage(fail_over))
    try:
        with contextlib.suppress(DatabaseError):
            drain(max_seconds=3)
    finally:
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")
            cursor.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        connection.close()
    assert hung_up == []
    assert set(Notification.objects.values_list("state", flat=True)) == {"pending"}


SLOW_COMMIT = (
    "CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM PG_SLEEP(1.5); RETURN NULL; "
    "END $$; CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON scanforpay_notificationattempt "
    "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow_commit()"
)


@pytest.mark.postgres
def test_what_is_held_no_longer_is_not_sent(rows: Rows, zoo: Zoo, settings: Any) -> None:
    """A worker that was paused, or waited for its COMMIT, longer than its lease: another has the message by then."""
    settings.SCANFORPAY_NOTIFY_LEASE_SECONDS = 1
    notification = rows.notification(zoo.answering(b"success"))
    with connection.cursor() as cursor:
        cursor.execute(SLOW_COMMIT)
    try:
        assert drain(max_seconds=1).lost == 1
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION slow_commit CASCADE")
    assert zoo.requests == []
    assert drain().delivered == 1
    assert list(notification.attempts.values_list("state", flat=True)) == ["unknown", "acknowledged"]
