"""A merchant of a project: calls its API, and is notified."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

from scanforpay_django.client import Client


class InChunks(requests.Session):
    """Names no length, as .NET's HttpClient and Node's fetch with a stream do."""

    def post(self, url: str, data: bytes, **rest: object) -> requests.Response:
        return super().post(url, data=iter([data[:40], data[40:]]), **rest)


class Merchant:
    """Knows what ``scanforpay_setup`` printed, and no more."""

    def __init__(self, base_url: str, printed: str) -> None:
        self.bodies: list[bytes] = []
        self._store_no = re.search(r"^Store +(\d+)", printed, re.MULTILINE)[1]
        partner_no = re.search(r"^Partner +(\d+)", printed, re.MULTILINE)[1]
        sign_key = re.search(r"^Sign key +(\S+)$", printed, re.MULTILINE)[1]
        self.client = Client(f"{base_url}/api/", partner_no, sign_key)
        self._session = self.client._session
        self._session.trust_env = False

    def create(self, number: str, notify_url: str) -> str:
        """payUrl of an order for any wallet."""
        made = self.client.create_order(
            store_no=self._store_no, partner_order_no=number, wallet="Any", amount=2100, title="Oolong",
            notify_url=notify_url, return_url="https://shop.example/thanks",
        )  # fmt: skip
        return made.pay_url

    def create_in_chunks(self, number: str, notify_url: str) -> str:
        """The same without a Content-Length."""
        self.client._session = InChunks()
        self.client._session.trust_env = False
        try:
            return self.create(number, notify_url)
        finally:
            self.client._session = self._session

    def get(self, url: str) -> requests.Response:
        """A page, as on the merchant's own computer."""
        return self._session.get(url, timeout=30)

    @contextmanager
    def listening(self) -> Iterator[str]:
        """The notify address, while somebody is there."""
        bodies = self.bodies

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"success")

            def log_message(self, *_: object) -> None:
                """Quiet."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            yield f"http://127.0.0.1:{server.server_port}/notify"
            server.shutdown()
