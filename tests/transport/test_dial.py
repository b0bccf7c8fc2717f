"""Connections for requests: checked addresses, TLS by name, an end in time."""

import socket
import ssl
import sys
import time
from typing import Any

import pytest
import trustme

from scanforpay_django.exceptions import AddressForbidden, ConnectFailed
from scanforpay_django.transport import HttpClient
from tests.transport import zoo as inmates
from tests.transport.zoo import Zoo

DEADLINE = 0.8


def client(origin: str, **options: Any) -> HttpClient:
    return HttpClient(trusted_origins=[origin], total_seconds=DEADLINE, **options)


def test_refused_means_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        origin = f"http://127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(ConnectFailed, match="refused"):
        client(origin).request("POST", origin)


def test_an_unknown_name_means_nothing_was_sent() -> None:
    with pytest.raises(ConnectFailed):
        client("").request("POST", "http://nobody.invalid/")


def test_tls_goes_by_the_name(zoo: Zoo, tmp_path: Any) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    origin = zoo.answering(b"safe", tls=context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    trusting = client(origin, ca_file=str(tmp_path / "ca.pem"))
    named = origin.replace("127.0.0.1", "localhost")
    assert trusting.request("GET", named).body == b"safe"
    with pytest.raises(ConnectFailed):
        trusting.request("GET", origin)
    with pytest.raises(ConnectFailed):
        client(named).request("GET", named)


def test_a_half_handshake_is_over_in_time(zoo: Zoo) -> None:
    origin = zoo.cage(inmates.never_reads).replace("http:", "https:")
    begun = time.monotonic()
    with pytest.raises(ConnectFailed):
        client(origin).request("GET", origin)
    assert time.monotonic() - begun < DEADLINE + 0.7


def test_only_public_addresses_are_connected_to(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SCANFORPAY_OUTBOUND_ALLOW = []
    connects: list[Any] = []
    sys.addaudithook(lambda event, args: connects.append(args[1]) if event == "socket.connect" else None)
    answers = {"mixed.example": ["8.8.8.8", "10.0.0.1"], "inside.example": ["::ffff:127.0.0.1"]}

    def look(host: str, *_: Any, **__: Any) -> list[Any]:
        return [(0, 0, 0, "", (address, 0)) for address in answers.get(host, [host])]

    monkeypatch.setattr(socket, "getaddrinfo", look)
    caller = HttpClient()
    for host in (
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "mixed.example",
        "inside.example",
        "169.254.169.254",
    ):
        with pytest.raises(AddressForbidden):
            caller.request("GET", f"http://{host}/")
    assert connects == []


def test_only_the_trusted_origin_is_excepted(settings: Any, zoo: Zoo) -> None:
    settings.SCANFORPAY_OUTBOUND_ALLOW = []
    origin, other = zoo.answering(b"ok"), zoo.answering(b"ok")
    caller = client(origin)
    assert caller.request("GET", origin).body == b"ok"
    with pytest.raises(AddressForbidden):
        caller.request("GET", other)
