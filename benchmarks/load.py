"""Calls over kept connections, prepared before the clock starts: the load takes little of the machine it measures."""

import hashlib
import json
import socket
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from benchmarks.shops.names import PARTNER_NO, SIGN_KEY, STORE_NO

CONNECTIONS = 4


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


def http(path: str, body: bytes) -> bytes:
    """The bytes of a POST."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _answer(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _blank, rest = data.partition(b"\r\n\r\n")
    length = next(
        int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
    )
    while len(rest) < length:
        rest += connection.recv(65536)
    return rest


def _work(
    port: int, requests: Sequence[bytes], start: threading.Barrier, right: list[None], wrong: list[bytes]
) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        start.wait()
        for request in requests:
            connection.sendall(request)
            answer = _answer(connection)
            if b'"code":1' in answer.replace(b" ", b""):
                right.append(None)
            else:
                wrong.append(answer)


def rate(port: int, path: str, count: int, body_of: Callable[[], dict[str, object]]) -> float:
    """Calls a second. Raises when an answer is not a success."""
    prepared = [http(path, envelope(body_of())) for _ in range(count)]
    start = threading.Barrier(CONNECTIONS + 1)
    right: list[None] = []
    wrong: list[bytes] = []
    threads = [
        threading.Thread(target=_work, args=(port, prepared[n::CONNECTIONS], start, right, wrong))
        for n in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    start.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - begun
    if len(right) != count:
        raise SystemExit(f"{path}: {count - len(right)} calls failed: {wrong[:1]!r}")
    return count / spent
