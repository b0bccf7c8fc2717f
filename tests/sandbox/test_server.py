"""A server of the sandbox's own."""

import socket
import ssl
import threading
from contextlib import contextmanager

import pytest
import requests
import trustme

from scanforpay_django.sandbox.server import ServerPlan, make_server


def application(environ, start):
    start("200 OK", [("Content-Type", "text/plain")])
    platform = environ.get("scanforpay.sandbox.platform", "none")
    return [f"{environ['wsgi.url_scheme']} {platform} {environ['RAW_URI']}".encode()]


@contextmanager
def serving(plan):
    server = make_server(application, plan)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def authority():
    return trustme.CA()


def tls_of(authority):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    return tls


def test_it_serves_any_platform_without_tls():
    with serving(ServerPlan()) as port:
        assert requests.get(f"http://127.0.0.1:{port}/").text == "http none /"


def test_it_plays_one_platform():
    with serving(ServerPlan(platform="alipay")) as port:
        assert requests.get(f"http://127.0.0.1:{port}/").text == "http alipay /"


def test_it_speaks_tls(authority):
    with serving(ServerPlan(tls=tls_of(authority))) as port, authority.cert_pem.tempfile() as file:
        assert requests.get(f"https://localhost:{port}/", verify=file).text == "https none /"


def test_who_says_nothing_stops_nobody(authority):
    plan = ServerPlan(tls=tls_of(authority))
    with (
        serving(plan) as port,
        authority.cert_pem.tempfile() as file,
        socket.create_connection(("127.0.0.1", port)),
    ):
        assert requests.get(f"https://localhost:{port}/", verify=file, timeout=5).text == "https none /"


@pytest.mark.parametrize("target", ["/a%7Cb/%2A?c=%2F&d=e", "/a|b*", "//a", "http://pay.example/a?b"])
def test_the_target_is_handed_on_as_it_came(target):
    with serving(ServerPlan()) as port, socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        said = b"".join(iter(lambda: line.recv(4096), b"")).decode()
    assert said.endswith(f"none {target}")
