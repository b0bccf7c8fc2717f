"""Looking names up."""

import socket
import threading
import time
from typing import Any

import pytest

from scanforpay_django.transport import resolver
from tests.transport.sending import send
from tests.transport.zoo import Zoo


def test_one_forbidden_address_refuses_the_name(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SCANFORPAY_OUTBOUND_ALLOW = []
    found = [(0, 0, 0, "", (address, 0)) for address in ("8.8.8.8", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert send("http://rebound.example/")[0].reason == "address not public"


def test_names_that_hang_hold_up_nobody(zoo: Zoo, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def look(host: str, *args: Any, **options: Any) -> Any:
        if host.startswith("hanging"):
            time.sleep(2)
        return real("127.0.0.1", *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look)
    port = zoo.answering(b"success").rpartition(":")[2]
    settled = send(*(f"http://hanging{number}.example/" for number in range(32)), f"http://localhost:{port}/")
    assert settled[-1].body == b"success"
    assert settled[-1].duration_ms < 900
    assert {outcome.reason for outcome in settled[:-1]} == {"timeout after 1 s"}


def test_look_ups_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "MAX_LOOKUPS", 0)
    with pytest.raises(OSError, match="too many"):
        resolver.look_up("any.example").result()


def test_a_look_up_that_could_not_begin_is_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without_threads:

        def start(_thread: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        without_threads.setattr(threading.Thread, "start", start)
        with pytest.raises(OSError, match="thread"):
            resolver.look_up("localhost").result(timeout=1)
    assert "127.0.0.1" in resolver.look_up("localhost").result(timeout=5)
