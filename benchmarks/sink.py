"""The merchants: ``sink.py PORT``, on every loopback address; the standard library only.

All 127.x.y.z answer "success" at once; 127.1.y.z never answer, and 127.2.y.z answer after 0.3 s until they are told to
hang. ``GET /report`` tells what is not answered, ``GET /hang`` has 127.2.y.z answer nothing more.
"""

import asyncio
import json
import resource
import sys
import time

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsuccess"
LENGTH = b"content-length: "
HANGING, SLOW = "127.1.", "127.2."
SLOW_SECONDS = 0.3


class Silence:
    """What has not been answered."""

    def __init__(self) -> None:
        self.is_slow_hanging = False
        #: address -> when each unanswered request came, monotonic seconds
        self.came: dict[str, list[float]] = {}
        #: address -> how many are unanswered on connections that are still open, and the most there ever were
        self.held: dict[str, int] = {}
        self.most: dict[str, int] = {}

    def keep(self, address: str) -> None:
        """One more that gets no answer."""
        self.came.setdefault(address, []).append(time.monotonic())
        self.held[address] = self.held.get(address, 0) + 1
        self.most[address] = max(self.most.get(address, 0), self.held[address])

    def report(self) -> bytes:
        """As JSON."""
        return json.dumps({"now": time.monotonic(), "came": self.came, "most": self.most}).encode()


SILENCE = Silence()


class Sink(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep it."""
        self._transport, self._buffer, self._unanswered = transport, b"", 0
        self._address = transport.get_extra_info("sockname")[0]
        self._is_special = self._address.startswith((HANGING, SLOW))

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower() + b"\r\n"
            at = head.find(LENGTH)
            length = int(head[at + len(LENGTH) : head.find(b"\r\n", at)]) if at >= 0 else 0
            if len(self._buffer) < end + 4 + length:
                return
            self._buffer = self._buffer[end + 4 + length :]
            if self._is_special:
                self._take_slowly()
            else:
                self._transport.write(ANSWER if head.startswith(b"post") else self._told(head))

    def _told(self, head: bytes) -> bytes:
        SILENCE.is_slow_hanging |= head.startswith(b"get /hang ")
        body = SILENCE.report()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    def _take_slowly(self) -> None:
        came = time.monotonic()
        if self._address.startswith(HANGING):
            self._keep()
        else:
            asyncio.get_running_loop().call_later(SLOW_SECONDS, self._answer_unless_hanging, came)

    def _answer_unless_hanging(self, came: float) -> None:
        if SILENCE.is_slow_hanging:
            self._keep()
            SILENCE.came[self._address][-1] = came
        elif not self._transport.is_closing():
            self._transport.write(ANSWER)

    def _keep(self) -> None:
        self._unanswered += 1
        SILENCE.keep(self._address)

    def connection_lost(self, error: Exception | None) -> None:
        """What it held is held no more."""
        if self._unanswered:
            SILENCE.held[self._address] -= self._unanswered


async def main() -> None:
    """Serve until killed."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    server = await asyncio.get_running_loop().create_server(Sink, "0.0.0.0", int(sys.argv[1]), backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
