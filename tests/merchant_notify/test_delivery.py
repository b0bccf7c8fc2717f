"""drain(): what is due is delivered, once claimed it is nobody else's, and what fails comes back."""

import base64
import contextlib
import hashlib
import hmac
import json
import logging
import re
import socket
import threading
import time
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from scanforpay_django import clock
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.models import Notification, Order
from scanforpay_django.models.moments import DatabaseNow as Now
from tests.rows import SECRET, Rows
from tests.transport.zoo import Zoo, closed_port, read_request, whole

pytestmark = pytest.mark.django_db(transaction=True)

State = Notification.State


def due_now(notification: Notification) -> None:
    Notification.objects.filter(pk=notification.pk).update(next_at=Now())


def fresh(notification: Notification) -> Notification:
    notification.refresh_from_db()
    return notification


def states_of_attempts(notification: Notification) -> list[str]:
    return list(notification.attempts.order_by("number").values_list("state", flat=True))


def test_a_success_is_delivered(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(b"success"))
    report = drain()
    assert (report.claimed, report.delivered, report.failed) == (1, 1, 0)
    assert fresh(notification).state == State.DELIVERED
    assert notification.delivered_at is not None
    assert notification.lease_until is None
    attempt = notification.attempts.get()
    assert (attempt.number, attempt.state, attempt.http_status) == (1, "acknowledged", 200)
    assert (attempt.answer, attempt.address, attempt.reason) == ("success", "127.0.0.1", "")


def test_the_message_is_signed_in_the_form_that_old_clients_cut(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(b"success"))
    drain()
    body = zoo.bodies()[0]
    raw, signature = re.fullmatch(rb'\{"response":(.*),"signature":"([0-9a-f]{64})"\}', body).groups()
    assert signature.decode() == hashlib.sha256(raw + SECRET.encode()).hexdigest()
    message = json.loads(raw)
    assert message["header"]["respMsgId"] == notification.message_id
    assert message["header"]["signType"] == "SHA256"
    assert message["body"]["status"] == 1
    assert message["body"]["orderNo"] == notification.order.order_no
    head = zoo.requests[0].partition(b"\r\n\r\n")[0].lower()
    assert b"content-type: application/json" in head
    assert b"user-agent: scanforpay_django/" in head
    assert b"accept-encoding: identity" in head


def test_the_message_has_the_headers_of_standard_webhooks(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(b"success"))
    drain()
    head, _blank, body = zoo.requests[0].decode().partition("\r\n\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:])
    sent_at, webhook_id = headers["webhook-timestamp"], headers["webhook-id"]
    signed = f"{webhook_id}.{sent_at}.{body}".encode()
    right = base64.b64encode(hmac.digest(SECRET.encode(), signed, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{right}".lower()
    assert webhook_id == notification.message_id
    assert abs(time.time() - int(sent_at)) < 60


def test_a_failed_try_comes_back_with_the_same_bytes_and_id(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(whole(b"", b"500 No"), b"fail", b"success"))
    for _ in range(3):
        due_now(notification)
        drain()
    assert fresh(notification).state == State.DELIVERED
    assert states_of_attempts(notification) == ["failed", "failed", "acknowledged"]
    assert len(set(zoo.bodies())) == 1
    assert {found for request in zoo.requests for found in re.findall(rb"Webhook-Id: (\w+)", request)} == {
        notification.message_id.encode()
    }


def test_a_failed_try_says_why_and_waits_for_its_step(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(whole(b"<h1>no</h1>", b"503 Busy")))
    report = drain()
    assert report.failed == 1
    assert fresh(notification).state == State.PENDING
    assert notification.lease_token == ""
    assert 10 < (notification.next_at - clock.now()).total_seconds() < 16
    attempt = notification.attempts.get()
    assert (attempt.http_status, attempt.reason, attempt.answer) == (503, "HTTP status 503", "<h1>no</h1>")


def test_connection_refused_is_recorded_in_words(rows: Rows) -> None:
    notification = rows.notification(f"http://127.0.0.1:{closed_port()}/notify")
    drain()
    assert notification.attempts.get().reason == "connection refused"


def test_an_address_that_is_refused_by_now_is_not_called(rows: Rows, settings: Any) -> None:
    settings.SCANFORPAY_OUTBOUND_ALLOW = []
    notification = rows.notification(f"http://127.0.0.1:{closed_port()}/notify")
    drain()
    assert notification.attempts.get().reason == "address refused: the host is not on the public internet"


def test_410_ends_it_at_once(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(whole(b"", b"410 Gone")))
    assert drain().exhausted == 1
    assert fresh(notification).state == State.EXHAUSTED


def test_a_row_that_kills_its_worker_every_time_is_given_up_unsent(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(b"success"), attempt_count=19)
    assert drain().exhausted == 1
    assert fresh(notification).state == State.EXHAUSTED
    assert zoo.requests == []


def test_an_order_that_is_no_longer_paid_is_not_told(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(b"success"))
    Order.objects.update(state=Order.State.REFUNDED)
    assert drain().superseded == 1
    assert fresh(notification).state == State.SUPERSEDED
    assert zoo.requests == []


def test_a_store_may_take_any_2xx(rows: Rows, zoo: Zoo) -> None:
    store = rows.store(acknowledge_any_2xx=True)
    rows.notification(zoo.answering(whole(b"", b"204 No Content")), store)
    assert drain().delivered == 1


def test_an_echoed_signature_and_bad_text_are_not_kept(rows: Rows, zoo: Zoo) -> None:
    answer = b"\x00\xff\xed\xa0\x80 bad " + b"aB" * 32 + b" " + b"x" * 3000
    notification = rows.notification(zoo.answering(answer))
    assert drain().failed == 1
    kept = notification.attempts.get().answer
    assert "[64 hex digits]" in kept
    assert "aBaBaB" not in kept
    assert "\0" not in kept
    assert len(kept) == 2048


@pytest.mark.parametrize(
    ("came", "status", "reason", "kept"),
    [
        (b"220 ftp\t\xff ready\r\n\0", None, "answer is not HTTP", "220 ftp\\t\\xff ready\n\\x00"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: seven\r\n\r\nsuccess",
            200,
            "answer is not HTTP",
            "HTTP/1.1 200 OK\nContent-Length: seven\n\nsuccess",
        ),
        (
            b"HTTP/1.1 502 Bad\r\nContent-Length: 70\r\n\r\n" + b"aB" * 32,
            502,
            "answer cut short",
            "HTTP/1.1 502 Bad\nContent-Length: 70\n\n[64 hex digits]",
        ),
        (b"", None, "connection closed without an answer", ""),
    ],
)
def test_staff_see_what_came_in_place_of_an_answer(
    rows: Rows, zoo: Zoo, came: bytes, status: int | None, reason: str, kept: str
) -> None:
    def serve(connection: socket.socket, _stop: threading.Event) -> None:
        read_request(connection)
        connection.sendall(came)

    notification = rows.notification(zoo.cage(serve))
    assert drain().failed == 1
    attempt = notification.attempts.get()
    assert (attempt.http_status, attempt.reason, attempt.answer) == (status, reason, kept)


def test_a_malformed_line_among_the_headers_loses_no_success(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(
        zoo.answering(whole(b"success", b"200 OK", b"PHP Warning", b"Server : IIS"))
    )
    assert drain().delivered == 1
    assert notification.attempts.get().answer == "success"


def test_a_crowd_at_one_endpoint_is_worked_off(rows: Rows, zoo: Zoo) -> None:
    store, url = rows.store(), zoo.answering(b"success")
    for _ in range(30):
        rows.notification(url, store)
    assert drain().delivered == 30
    assert len(zoo.requests) == 30


def test_until_stops_claiming(rows: Rows, zoo: Zoo) -> None:
    rows.notification(zoo.answering(b"success"))
    assert drain(until=lambda: True).claimed == 0
    assert zoo.requests == []


def test_drain_refuses_a_transaction(rows: Rows, zoo: Zoo) -> None:
    rows.notification(zoo.answering(b"success"))
    with pytest.raises(RuntimeError), transaction.atomic():
        drain()
    assert zoo.requests == []


def test_unknown_states_are_left_alone(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(b"success"), state="future")
    assert drain().claimed == 0
    assert fresh(notification).state == "future"


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
