"""The requests face: one request, one whole answer, or an error that says what is known."""

import io
import logging
import socket
import time
from typing import Any

import pytest

from scanforpay_django.exceptions import AnswerTooLarge, ConnectFailed, NoAnswer
from scanforpay_django.transport import HttpClient
from tests.transport import zoo as inmates
from tests.transport.zoo import INMATES, Zoo, whole

DEADLINE = 0.8

# These are answers, or have tests of their own; http.client reads a bad length to the end of the connection.
ANSWERS = {"redirects", "ten_megabytes", "gzip_bomb", "bad_length"}


def client(origin: str, **options: Any) -> HttpClient:
    return HttpClient(trusted_origins=[origin], total_seconds=DEADLINE, **options)


def test_an_answer_is_whole(zoo: Zoo) -> None:
    origin = zoo.answering(whole(b"hello", b"201 Created", b"X-Id: 7"))
    answer = client(origin).request("POST", origin + "/v3/pay?a=1%2F&b=+", headers={"X-A": "b"}, body=b"{}")
    assert (answer.status, answer.body, answer.headers["x-id"]) == (201, b"hello", "7")
    head = zoo.requests[0].decode().lower()
    assert head.startswith("post /v3/pay?a=1%2f&b=+ http/1.1\r\n")
    assert "x-a: b" in head
    assert "accept-encoding: identity" in head
    assert "user-agent: scanforpay_django/" in head


def test_connections_are_kept(zoo: Zoo) -> None:
    opened = []

    def serve(connection: socket.socket, _stop: object) -> None:
        opened.append(connection)
        while inmates.read_request(connection):
            connection.sendall(whole(b"hi"))

    origin = zoo.cage(serve)
    caller = client(origin)
    assert [caller.request("GET", origin).body for _ in range(3)] == [b"hi"] * 3
    assert len(opened) == 1


def test_redirects_are_answers(zoo: Zoo) -> None:
    origin = zoo.cage(inmates.redirects)
    assert client(origin).request("GET", origin).status == 302


def test_cookies_are_not_kept(zoo: Zoo) -> None:
    origin = zoo.answering(whole(b"", b"200 OK", b"Set-Cookie: a=b"))
    caller = client(origin)
    caller.request("GET", origin)
    caller.request("GET", origin)
    assert b"ookie" not in zoo.requests[1]


def test_the_environment_is_ignored(zoo: Zoo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1/")
    origin = zoo.answering(b"direct")
    assert client(origin).request("GET", origin).body == b"direct"


def test_too_large(zoo: Zoo) -> None:
    origin = zoo.cage(inmates.ten_megabytes)
    with pytest.raises(AnswerTooLarge):
        client(origin, max_bytes=1 << 20).request("GET", origin)


@pytest.mark.parametrize("name", sorted(set(INMATES) - ANSWERS))
def test_what_is_no_whole_answer_is_unknown_and_over_in_time(zoo: Zoo, name: str) -> None:
    origin = zoo.cage(INMATES[name])
    begun = time.monotonic()
    with pytest.raises(NoAnswer):
        client(origin).request("POST", origin, body=b"{}")
    assert time.monotonic() - begun < DEADLINE + 0.7


def test_a_bomb_is_not_unpacked(zoo: Zoo) -> None:
    origin = zoo.cage(inmates.gzip_bomb)
    assert len(client(origin).request("GET", origin).body) == 2004


def test_no_secret_is_logged_or_raised(zoo: Zoo, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "scanforpay_django")
    origin = zoo.answering(b"ok")
    client(origin).request(
        "GET", origin + "/token?secret=canary", headers={"X-Key": "canary"}, body=b"canary"
    )
    with pytest.raises(ConnectFailed) as caught:
        client("").request("GET", "http://nobody.invalid/token?secret=canary")
    assert "/token: 200 after" in caplog.text
    assert "canary" not in caplog.text
    assert "canary" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_body_is_written_to_a_file_up_to_a_limit(zoo: Zoo) -> None:
    origin = zoo.answering(whole(b"x" * 2000))
    into = io.BytesIO()
    answer = client(origin, max_bytes=2000, max_held_bytes=10).request("GET", origin, into=into)
    assert (answer.body, into.getvalue()) == (b"", b"x" * 2000)
    with pytest.raises(AnswerTooLarge):
        client(origin, max_bytes=1999).request("GET", origin, into=io.BytesIO())


def test_an_error_is_held_in_memory_up_to_a_limit_of_its_own(zoo: Zoo) -> None:
    origin = zoo.answering(whole(b"x" * 2000, b"500 Oops"))
    into = io.BytesIO()
    with pytest.raises(AnswerTooLarge):
        client(origin, max_bytes=1 << 20, max_held_bytes=100).request("GET", origin, into=into)
    assert into.getvalue() == b""
