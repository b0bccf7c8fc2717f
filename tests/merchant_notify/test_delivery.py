"""drain(): what is due is delivered, once claimed it is nobody else's, and what fails comes back."""

import base64
import hashlib
import hmac
import json
import re
import socket
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from scanforpay_django.merchant_notify import record as recording
from scanforpay_django.merchant_notify.claim import claim
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.merchant_notify.outbox import enqueue
from scanforpay_django.merchant_notify.record import Result
from scanforpay_django.models import Notification, Order
from scanforpay_django.signals import notification_exhausted
from scanforpay_django.transport import Outcome
from tests.rows import SECRET, Rows, closed_port
from tests.transport.zoo import Zoo, read_request, whole

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


def test_nothing_is_written_for_a_merchant_without_address(rows: Rows) -> None:
    assert enqueue(rows.order("")) is None


def test_a_rolled_back_message_is_never_sent(rows: Rows, zoo: Zoo) -> None:
    order = rows.order(zoo.answering(b"success"))
    with transaction.atomic():
        enqueue(order)
        transaction.set_rollback(True)
    assert drain().claimed == 0
    assert zoo.requests == []


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
    assert 10 < (notification.next_at - timezone.now()).total_seconds() < 16
    attempt = notification.attempts.get()
    assert (attempt.http_status, attempt.reason, attempt.answer) == (503, "HTTP status 503", "<h1>no</h1>")


def test_a_batch_of_all_kinds_of_ends_is_recorded(rows: Rows, zoo: Zoo) -> None:
    made = {
        "early": rows.notification(zoo.answering(b"fail")),
        "spread": rows.notification(zoo.answering(b"fail"), attempt_count=5),
        "asked to wait": rows.notification(zoo.answering(whole(b"", b"503 Busy", b"Retry-After: 20"))),
        "last": rows.notification(zoo.answering(b"fail"), attempt_count=18),
        "refused": rows.notification(f"http://127.0.0.1:{closed_port()}/"),
        "taken": rows.notification(zoo.answering(b"success")),
    }
    taken = claim(64).taken
    outcomes = {
        "early": Outcome(status=200, body=b"fail"),
        "spread": Outcome(status=500),
        "asked to wait": Outcome(status=503, retry_after_seconds=20.0),
        "last": Outcome(status=404, body=b"\0 %s ' \" \\ {} " + "é".encode()),
        "refused": Outcome(status=None, reason="connection refused"),
        "taken": Outcome(status=200, body=b"success", address="127.0.0.1"),
    }
    names = {row.pk: name for name, row in made.items()}
    recorded = recording.record([Result(claimed=one, outcome=outcomes[names[one.pk]]) for one in taken])
    assert (recorded.delivered, recorded.waiting, len(recorded.exhausted), recorded.lost) == (1, 4, 1, 0)
    waits = {
        name: (fresh(row).next_at - timezone.now()).total_seconds()
        for name, row in made.items()
        if fresh(row).state == State.PENDING
    }
    assert 10 < waits["early"] <= 15 < waits["asked to wait"] <= 20 < 900 < waits["spread"]
    assert made["last"].attempts.get().answer == "\ufffd %s ' \" \\ {} é"


@pytest.mark.postgres
def test_what_no_database_takes_holds_up_nobody_else(
    rows: Rows, zoo: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording.answer, "kept_text", lambda body: body.decode())
    bad, good = rows.notification(zoo.answering(b"fail\0")), rows.notification(zoo.answering(b"success"))
    report = drain()
    assert (report.delivered, report.lost) == (1, 1)
    assert (fresh(good).state, fresh(bad).state) == (State.DELIVERED, State.PENDING)


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


def test_the_last_failure_is_told(rows: Rows, zoo: Zoo, caplog: pytest.LogCaptureFixture) -> None:
    told = []

    def listen(notification: Notification, **_: Any) -> None:
        told.append((notification.pk, notification.state, transaction.get_connection().in_atomic_block))

    notification_exhausted.connect(listen)
    try:
        notification = rows.notification(zoo.answering(b"fail"), attempt_count=18)
        drain()
    finally:
        notification_exhausted.disconnect(listen)
    assert fresh(notification).state == State.EXHAUSTED
    assert told == [(notification.pk, State.EXHAUSTED, False)]
    assert "given up after 19 tries" in caplog.text


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


def test_without_a_valid_key_nothing_is_sent(rows: Rows, zoo: Zoo) -> None:
    store = rows.store(rows.partner(secret=""))
    rows.key(store.partner, "old", valid_until=timezone.now() - timedelta(hours=1))
    notification = rows.notification(zoo.answering(b"success"), store)
    assert drain().failed == 1
    assert notification.attempts.get().reason == "no valid sign key"
    assert zoo.requests == []


def test_an_unreadable_key_is_a_failed_try(rows: Rows, zoo: Zoo) -> None:
    notification = rows.notification(zoo.answering(b"success"))
    notification.order.partner.sign_keys.update(secret_ciphertext="gAAAA")
    assert drain().failed == 1
    assert notification.attempts.get().reason == "the sign key cannot be decrypted"


def signed_with(body: bytes, key: str) -> bool:
    raw = body[len(b'{"response":') : body.rindex(b',"signature"')]
    return hashlib.sha256(raw + key.encode()).hexdigest().encode() in body


def test_the_newest_key_signs_while_none_was_used(rows: Rows, zoo: Zoo) -> None:
    store = rows.store()
    store.partner.sign_keys.update(valid_from=timezone.now() - timedelta(days=1))
    rows.key(store.partner, "newest")
    rows.notification(zoo.answering(b"success"), store)
    drain()
    assert signed_with(zoo.bodies()[0], "newest")


def test_the_key_of_the_last_proven_request_signs(rows: Rows, zoo: Zoo) -> None:
    store = rows.store()
    store.partner.sign_keys.update(last_used_at=timezone.now() - timedelta(minutes=5))
    rows.key(store.partner, "unused")
    rows.notification(zoo.answering(b"success"), store)
    drain()
    assert signed_with(zoo.bodies()[0], SECRET)


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


def test_recording_outlives_a_database_that_fails_for_a_moment(
    rows: Rows, zoo: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([True, True, False])
    real = recording._write_results

    def flaky(results: Any) -> Any:
        if next(failures):
            raise recording.OperationalError("gone")
        return real(results)

    monkeypatch.setattr(recording, "_write_results", flaky)
    monkeypatch.setattr(recording, "_PAUSE_SECONDS", 0.001)
    rows.notification(zoo.answering(b"success"))
    assert drain().delivered == 1


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
