"""Looking at the project by its public address, with a server of the test's in its place."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from scanforpay_django.operations.set_up import look
from scanforpay_django.transport import HttpAnswer
from scanforpay_django.wallets.registry import wallet_classes

WECHAT = wallet_classes()["Wechat"]
NAME = "MP_verify_k3Jx9.txt"
Serve = Callable[..., str]


@pytest.fixture
def serve(settings: Any) -> Iterator[Serve]:
    """Makes the base URL a server that answers as the test says."""
    servers = []

    def begin(status: int, body: bytes = b"", **headers: str) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *args: object) -> None:
                """Quiet."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        settings.SCANFORPAY_BASE_URL = f"http://127.0.0.1:{server.server_port}"
        return f"{settings.SCANFORPAY_BASE_URL}/api/platform/wechat/x"

    yield begin
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("status", "headers", "text"),
    [
        (405, {"Allow": "POST"}, look.NOT_HTTPS),
        (405, {}, look.SOMEBODY_ELSE),
        (200, {}, look.SOMEBODY_ELSE),
        (404, {}, look.SOMEBODY_ELSE),
        (400, {}, look.BAD_REQUEST),
        (301, {"Location": "https://elsewhere.example/"}, look.REDIRECTED),
    ],
)
def test_what_answers_at_the_public_address(
    serve: Serve, status: int, headers: dict[str, str], text: str
) -> None:
    seen = look.look_at_address(serve(status, **headers))
    assert (seen.text, seen.is_right) == (text, False)
    assert seen.text % seen.details


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://pay.example.com", look.REACHED),
        ("https://pay.example.com:443", look.REACHED),
        ("https://pay.example.com:8443", look.HAS_PORT),
        ("http://pay.example.com", look.NOT_HTTPS),
    ],
)
def test_platforms_want_https_on_its_own_port(url: str, text: str) -> None:
    ours = HttpAnswer(status=405, headers={"Allow": "POST"}, body=b"")
    seen = look.judge_address(ours, url)
    assert (seen.text, seen.is_right) == (text, text == look.REACHED)


def test_nobody_is_there(serve: Serve, settings: Any) -> None:
    seen = look.look_at_address("http://127.0.0.1:9/api/x")
    assert seen.text == look.NOT_CONNECTED
    assert "refused" in str(seen.details["reason"])
    settings.SCANFORPAY_OUTBOUND_ALLOW = []
    assert look.look_at_address(serve(405, Allow="POST")).text == look.NOT_PUBLIC


class Refusing:
    """The part of a wallet that is asked."""

    @staticmethod
    def acknowledge(accepted: bool) -> Any:
        return WECHAT.acknowledge(None, accepted)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (0, b"", look.NOTIFY_REACHED),
        (200, b"<html>Sign in</html>", look.NOTIFY_ALTERED),
        (403, b"blocked", look.NOTIFY_ALTERED),
        (302, b"", look.REDIRECTED),
    ],
)
def test_a_notify_address_refuses_in_the_platforms_words(
    serve: Serve, status: int, body: bytes, text: str
) -> None:
    refusal = Refusing.acknowledge(False)
    place = serve(status or refusal.status, body or (b"" if status else refusal.body), Location="/login/")
    assert look.look_at_notify(place, Refusing()).text == text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (200, b"k3Jx9", look.FILE_FOUND),
        (200, b"k3Jx9\n", look.FILE_FOUND),
        (200, b"other", look.FILE_IS_PAGE),
        (200, b"<!DOCTYPE html><html>k3Jx9</html>", look.FILE_IS_PAGE),
        (200, b"x" * 70_000, look.FILE_IS_PAGE),
        (404, b"", look.FILE_MISSING),
        (400, b"", look.FILE_MISSING),
        (302, b"", look.REDIRECTED),
    ],
)
def test_the_platforms_file_at_the_root(serve: Serve, status: int, body: bytes, text: str) -> None:
    serve(status, body, Location="/")
    seen = look.look_for_file(NAME, WECHAT)
    assert (seen.text, seen.is_right) == (text, text == look.FILE_FOUND)
    assert seen.text % seen.details


def test_a_file_whose_text_is_a_setting(serve: Serve, settings: Any) -> None:
    settings.SCANFORPAY_VERIFICATION_FILES = {"proof.txt": "its text"}
    serve(200, b"its text")
    assert look.look_for_file("proof.txt", WECHAT).is_right
    assert look.look_for_file("", WECHAT).is_unknown
