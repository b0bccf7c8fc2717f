"""Merchants' server: ``sink.py PORT JOURNAL [--five-hundreds P] [--seconds S]``. Needs the standard library only.

Answers "success" after S seconds, a part P with 500; a path that begins with /hang never. Each request is a line in the
journal: monotonic time, status answered, path, webhook-id, SHA-256 of the body. The clock is the machine's, so other
processes can compare.
"""

import asyncio
import hashlib
import random
import sys
import time
from argparse import ArgumentParser
from typing import TextIO

ANSWERS = {
    200: b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsuccess",
    500: b"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno",
}


class Sink(asyncio.Protocol):
    """One connection."""

    def __init__(self, journal: TextIO, five_hundreds: float, seconds: float) -> None:
        self._journal, self._five_hundreds, self._seconds = journal, five_hundreds, seconds
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep it."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self._buffer += data
        while True:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            lines = head.split(b"\r\n")
            fields = {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines[1:])}
            length = int(fields.get(b"content-length", 0))
            if len(rest) < length:
                return
            body, self._buffer = rest[:length], rest[length:]
            self._take(lines[0].split(b" ")[1].decode(), fields.get(b"webhook-id", b"-").decode(), body)

    def _take(self, path: str, message_id: str, body: bytes) -> None:
        status = 0 if path.startswith("/hang") else 500 if random.random() < self._five_hundreds else 200
        digest = hashlib.sha256(body).hexdigest()
        self._journal.write(f"{time.monotonic():.6f} {status} {path} {message_id} {digest}\n")
        if self._seconds:
            asyncio.get_running_loop().call_later(self._seconds, self._answer, status)
        else:
            self._answer(status)

    def _answer(self, status: int) -> None:
        if status and not self._transport.is_closing():
            self._transport.write(ANSWERS[status])


async def main() -> None:
    """Serve until killed."""
    parser = ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("journal")
    parser.add_argument("--five-hundreds", type=float, default=0.0)
    parser.add_argument("--seconds", type=float, default=0.0)
    options = parser.parse_args()
    with open(options.journal, "a", buffering=1) as journal:  # noqa: PTH123
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: Sink(journal, options.five_hundreds, options.seconds),
            "127.0.0.1",
            options.port,
            backlog=1024,
        )
        await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        sys.exit(0)
