"""Calls over kept connections, prepared before the clock starts: the load takes little of the machine it measures."""

import hashlib
import json
import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from benchmarks.server import Server
from benchmarks.shops.names import PARTNER_NO, SIGN_KEY, STORE_NO

CONNECTIONS = 16
#: of the processor time of both workers
LEAST_SHARE = 1 / 3
#: fewer say nothing of it: the clock of processes ticks a hundred times a second
LEAST_CALLS = 200


def envelope(body: dict[str, object]) -> bytes:
    """A signed request."""
    header = {
        "version": "1.0",
        "partnerNo": PARTNER_NO,
        "reqMsgId": str(uuid.uuid4()),
        "reqTime": datetime.now(UTC).isoformat(timespec="seconds"),
        "signType": "SHA256",
    }
    value = json.dumps({"header": header, "body": body}, separators=(",", ":"))
    signature = hashlib.sha256((value + SIGN_KEY).encode()).hexdigest()
    return f'{{"request":{value},"signature":"{signature}"}}'.encode()


def create_body(number: str) -> dict[str, object]:
    """An order with every field a shop sends."""
    return {
        "storeNo": STORE_NO,
        "partnerOrderNo": number,
        "wallet": "Wechat",
        "orderAmount": 2100,
        "orderTitle": "一杯乌龙茶",
        "currency": "CNY",
        "notifyUrl": f"https://shop.example.com/notify?order={number}",
        "returnUrl": f"https://shop.example.com/done?order={number}",
    }


def http(path: str, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a POST."""
    more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n{more}\r\n"
    )
    return head.encode() + body


def is_code_1(answer: bytes) -> bool:
    """Whether a call of the merchant API succeeded."""
    return b'"code":1' in answer.replace(b" ", b"")


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one run came to."""

    # calls a second
    rate: float
    # of the processor time of all workers, what the least busy one had
    least_share: float


@dataclass
class _Calls:
    """Requests that several connections share: each takes the next one, so all are busy until the end."""

    requests: Iterator[bytes]
    is_right: Callable[[bytes], bool]
    right: int = 0
    wrong: list[bytes] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self) -> bytes | None:
        """One that nobody has sent; None after the last."""
        with self._lock:
            return next(self.requests, None)

    def work(self, connection: socket.socket, first: bytes, start: threading.Barrier) -> None:
        """Send until none is left. Each connection has one to begin with: a worker waits for what it has accepted."""
        request: bytes | None = first
        start.wait()
        while request is not None:
            connection.sendall(request)
            self._count(_answer(connection))
            request = self.next()

    def _count(self, answer: bytes) -> None:
        is_right = self.is_right(answer)
        with self._lock:
            self.right += is_right
        if not is_right:
            self.wrong.append(answer)


def _answer(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _piece(connection)
    head, _blank, rest = data.partition(b"\r\n\r\n")
    length = next(
        int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
    )
    while len(rest) < length:
        rest += _piece(connection)
    return rest


def _piece(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("the server closed a connection that was to be kept")
    return data


def run(
    server: Server, name: str, requests: Sequence[bytes], is_right: Callable[[bytes], bool] = is_code_1
) -> Run:
    """Send them all. Raises when an answer is not a success; warns when one worker had hardly anything to do."""
    number = min(CONNECTIONS, len(requests))
    calls, start = _Calls(iter(requests[number:]), is_right), threading.Barrier(number + 1)
    connections = server.connect(number)
    threads = []
    for connection, first in zip(connections, requests[:number], strict=True):
        threads.append(threading.Thread(target=calls.work, args=(connection, first, start), daemon=True))
        threads[-1].start()
    before = server.spent()
    start.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    for connection in connections:
        connection.close()
    if calls.right != len(requests):
        raise SystemExit(f"{name}: {len(requests) - calls.right} calls failed: {calls.wrong[:1]!r}")
    share = _least_share(before, server.spent())
    if share < LEAST_SHARE and len(requests) >= LEAST_CALLS:
        print(f"WARNING: {name}: one worker had {share:.0%} of the processor time", file=sys.stderr)
    return Run(rate=len(requests) / took, least_share=share)


def _least_share(before: dict[int, float], after: dict[int, float]) -> float:
    spent = [seconds - before.get(pid, 0.0) for pid, seconds in after.items()]
    return min(spent) / sum(spent) if len(spent) > 1 and sum(spent) else 1.0
