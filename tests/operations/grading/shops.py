"""Shops with a notify address, good ones and such with a mistake."""

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from typing import Any

from tests.merchant import SIGN_KEY

START, MIDDLE = b'{"response":', b',"signature":"'


class Refused(Exception):
    """HTTP status and text."""


class Shop:
    """A careful one. Those with a mistake override what they are careless in."""

    def __init__(self, number: str, amount: int = 2100, currency: str = "CNY") -> None:
        self.number, self.amount, self.currency = number, amount, currency
        self.key = SIGN_KEY
        self.credited: Counter[str] = Counter()
        self.lock = threading.Lock()

    def receive(self, raw: bytes) -> None:
        told = self.verify(raw)
        self.compare(told)
        if "refundNo" not in told:
            self.credit()

    def verify(self, raw: bytes) -> dict[str, Any]:
        at = raw.rfind(MIDDLE)
        if not raw.startswith(START) or at < 0 or not raw.endswith(b'"}'):
            raise Refused(400, "no message")
        content = raw[len(START) : at]
        self.check(content, raw[at + len(MIDDLE) : -2].decode("latin-1"))
        return json.loads(content)["body"]

    def check(self, content: bytes, signature: object) -> None:
        if signature != hashlib.sha256(content + self.key.encode()).hexdigest():
            raise Refused(400, "the signature is not right")

    def compare(self, told: dict[str, Any]) -> None:
        if told.get("partnerOrderNo") != self.number:
            raise Refused(404, "there is no such order")
        if "refundNo" in told:
            return
        paid = {"orderAmount": self.amount, "currency": self.currency, "status": 1}
        if not paid.items() <= told.items():
            raise Refused(409, "that is not the price")

    def credit(self) -> None:
        with self.lock:
            self.credited[self.number] = 1


class Trusting(Shop):
    """Says success to anything."""

    def receive(self, raw: bytes) -> None:
        self.credit()


class Unverifying(Shop):
    """Reads without verifying."""

    def check(self, content: bytes, signature: object) -> None: ...


class Reparsing(Shop):
    """Verifies one part of the body and reads another."""

    def verify(self, raw: bytes) -> dict[str, Any]:
        first = raw.find(START[1:]) if raw.find(b'"copy"') < 0 else raw.find(START[1:], 20)
        at = raw.find(MIDDLE, first)
        self.check(raw[first + len(START) - 1 : at], raw[at + len(MIDDLE) :][:64].decode("latin-1"))
        return json.loads(raw)["response"]["body"]


class Loose(Shop):
    """Compares as PHP's == does, and as startswith does."""

    def verify(self, raw: bytes) -> dict[str, Any]:
        if raw.endswith(b'"signature":true}'):
            return json.loads(raw)["response"]["body"]
        return super().verify(raw)

    def check(self, content: bytes, signature: object) -> None:
        right = hashlib.sha256(content + self.key.encode()).hexdigest()
        if not signature or not right.startswith(str(signature)):
            raise Refused(400, "the signature is not right")


class Keyless(Shop):
    """Its key was forgotten in the environment, and true messages fail."""

    def __init__(self, *order: Any) -> None:
        super().__init__(*order)
        self.key = ""


class Believing(Shop):
    """Takes what is signed for true."""

    def compare(self, told: dict[str, Any]) -> None: ...


class Impatient(Shop):
    """Knows the order before it looks at the signature."""

    def receive(self, raw: bytes) -> None:
        if not self.credited[self.number]:
            super().receive(raw)


class Strict(Shop):
    """An order that is paid already is an error."""

    def credit(self) -> None:
        with self.lock:
            if self.credited[self.number]:
                raise Refused(500, "Duplicate entry")
            self.credited[self.number] = 1


class Generous(Shop):
    """Credits the order each time."""

    def credit(self) -> None:
        with self.lock:
            self.credited[self.number] += 1


@contextmanager
def serving(shop: Shop, server_class: type[HTTPServer] = ThreadingHTTPServer) -> Iterator[str]:
    """The shop's origin: POST is its notify address, GET says how often the order was credited."""
    server = server_class(("127.0.0.1", 0), _handler(shop))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(shop: Shop) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(*_outcome(lambda: shop.receive(raw)))

        def do_GET(self) -> None:
            self._answer(200, str(shop.credited[shop.number]))

        def _answer(self, status: int, text: str) -> None:
            # The peer may have gone by now.
            with suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

        def log_message(self, *_args: object) -> None: ...

    return Handler


def _outcome(work: Callable[[], None]) -> tuple[int, str]:
    try:
        work()
    except Refused as refused:
        return refused.args
    except (ValueError, KeyError, TypeError):
        return 400, "that cannot be read"
    return 200, "success"
