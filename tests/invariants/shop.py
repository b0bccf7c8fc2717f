"""The merchant's server: keeps what it is told and answers as its mood is."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Shop:
    """What was told, and whether the next message is acknowledged."""

    def __init__(self) -> None:
        self.is_well = True
        # webhook-id -> every body that came with it
        self.told: dict[str, list[bytes]] = {}
        self.url = ""

    def numbers(self) -> set[str]:
        """The orders it believes to be paid."""
        return {json.loads(bodies[0])["response"]["body"]["orderNo"] for bodies in self.told.values()}


@contextmanager
def open_shop() -> Iterator[Shop]:
    """On a port of its own."""
    shop = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            shop.told.setdefault(self.headers["webhook-id"], []).append(body)
            answer = b"success" if shop.is_well else b"please come back later"
            self.send_response(200 if shop.is_well else 500)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        shop.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield shop
        server.shutdown()
