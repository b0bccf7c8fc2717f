"""Looking names up."""

import socket
import threading
import time
from concurrent.futures import wait
from typing import Any

import pytest

from scanforpay_django.transport.resolver import MERCHANTS, PLATFORMS, Resolver
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
    assert {outcome.reason for outcome in settled[:-1]} == {"timeout after 1 s"}


def test_look_ups_have_a_limit() -> None:
    with pytest.raises(OSError, match="too many"):
        Resolver(0).look_up("any.example").result()


def test_one_asker_leaves_as_many_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: release.wait(10) and [])
    own = Resolver(9)
    hostile = [own.look_up(f"a{number}.example", "hostile") for number in range(9)]
    other = [own.look_up(f"b{number}.example", "other") for number in range(9)]
    third = own.look_up("c.example", "third")
    waiting = [[future.done() for future in futures].count(False) for futures in (hostile, other, [third])]
    release.set()
    assert waiting == [5, 2, 1]
    assert third.result(timeout=5) == []
    # The shares are free again when the look-ups have ended.
    assert not wait([*hostile, *other], timeout=5).not_done
    assert own.look_up("d.example", "hostile").result(timeout=5) == []


def test_names_of_merchants_hold_up_no_call_at_a_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    real, release = socket.getaddrinfo, threading.Event()

    def look(host: str, *args: Any, **options: Any) -> Any:
        return release.wait(10) and [] if host.startswith("hanging") else real("127.0.0.1", *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look)
    for number in range(200):
        MERCHANTS.look_up(f"hanging{number}.example", number)
    try:
        assert "127.0.0.1" in PLATFORMS.look_up("platform.example").result(timeout=5)
    finally:
        release.set()


def test_a_look_up_that_could_not_begin_is_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Resolver(2)
    with monkeypatch.context() as without_threads:

        def start(_thread: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        without_threads.setattr(threading.Thread, "start", start)
        with pytest.raises(OSError, match="thread"):
            own.look_up("localhost").result(timeout=1)
    assert "127.0.0.1" in own.look_up("localhost").result(timeout=5)
