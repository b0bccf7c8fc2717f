"""Hostile receivers: ``python -m tests.chaos.hostile [--deadline 15]``.

Every kind over http and https, one try each, all at once; printed is how each ended. Exits with 1 when a try outlived
its deadline by more than half a second, was taken for a success, or memory grew by more than 8 MiB.
"""

import asyncio
import contextlib
import gc
import multiprocessing
import os
import socket
import ssl
import sys
import threading
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import django
import trustme

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from tests.transport.zoo import INMATES, OK, Behaviour, Zoo, _drip, read_request, whole


def answers(data: bytes) -> Behaviour:
    """Says this and closes."""

    def behave(connection: socket.socket, _stop: threading.Event) -> None:
        read_request(connection)
        connection.sendall(data)

    return behave


def floods(start: bytes, more: bytes) -> Behaviour:
    """Says this and then that for ever."""

    def behave(connection: socket.socket, stop: threading.Event) -> None:
        read_request(connection)
        connection.sendall(start)
        while not stop.is_set():
            connection.sendall(more)

    return behave


def drips(start: bytes, drop: bytes) -> Behaviour:
    """The same, slowly."""
    return lambda connection, stop: _drip(connection, stop, start, drop)


def resets(connection: socket.socket, _stop: threading.Event) -> None:
    """Begins to answer and resets."""
    read_request(connection)
    connection.sendall(OK + b"Content-Length: 7\r\n\r\nsucc")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def half_closes(connection: socket.socket, stop: threading.Event) -> None:
    """Ends its side unanswered and keeps the connection."""
    read_request(connection)
    connection.shutdown(socket.SHUT_WR)
    stop.wait(30)


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
KINDS: dict[str, Behaviour] = {
    **INMATES,
    "endless_body": floods(OK + b"\r\n", b"success\n" * 4096),
    "endless_chunks": floods(CHUNKED, b"1000\r\n" + b"s" * 4096 + b"\r\n"),
    "chunk_extensions": floods(CHUNKED + b"1;", b"x" * 65536),
    "one_endless_header": floods(OK + b"X-A: ", b"b" * 65536),
    "status_line_for_ever": floods(b"HTTP/1.1 200 ", b"O" * 65536),
    "drips_status_line": drips(b"H", b"T"),
    "negative_length": answers(OK + b"Content-Length: -1\r\n\r\nsuccess"),
    "huge_length": answers(OK + b"Content-Length: 999999999999999999\r\n\r\nsuccess"),
    "length_and_chunked": answers(OK + b"Content-Length: 7\r\n" + CHUNKED[len(OK) :] + b"success"),
    "malformed_headers_for_ever": floods(OK + b"no colon\r\n", b"no colon\r\n" * 4096),
    "malformed_and_endless": floods(OK + b"no colon\r\n\r\n", b"success\n" * 4096),
    "malformed_and_cut": answers(OK + b"no colon\r\nContent-Length: 70\r\n\r\nsuccess"),
    "bad_chunk_size": answers(CHUNKED + b"zz\r\nsuccess\r\n0\r\n\r\n"),
    "no_end_of_chunks": answers(CHUNKED + b"7\r\nsuccess\r\n"),
    "nul_in_header": answers(OK + b"X: \0\r\nContent-Length: 7\r\n\r\nsuccess"),
    "switches_protocols": answers(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nsuccess"),
    "early_hints_for_ever": drips(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "success_as_500": answers(whole(b"success", b"500 Oh")),
    "success_as_404": answers(whole(b"success", b"404 No")),
    "redirect_to_itself": answers(b"HTTP/1.1 307 R\r\nLocation: /\r\nContent-Length: 7\r\n\r\nsuccess"),
    "page_of_a_wall": answers(whole(b"<html>success is not here</html>")),
    "success_and_more": answers(whole(b"success" + b"\0" * 5000)),
    "resets": resets,
    "half_closes": half_closes,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How one try ended."""

    kind: str
    scheme: str
    seconds: float
    words: str
    is_success: bool


def memory_mib() -> float:
    """Resident now."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def survive(deadline: float) -> tuple[Sequence[Ending], float]:
    """Every kind, http and https; the endings, and how much more memory that took than as many kind receivers."""
    from scanforpay_django.merchant_notify.answer import failure_reason, is_acknowledged
    from scanforpay_django.transport import Sender

    authority, server = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)

    async def send(sender: Sender, kind: str, scheme: str, origin: str) -> Ending:
        begun = time.monotonic()
        outcome = await sender.send(f"{origin}/n", b"{}", {})
        return Ending(
            kind=kind, scheme=scheme, seconds=time.monotonic() - begun, words=failure_reason(outcome),
            is_success=is_acknowledged(outcome, any_2xx=False),
        )  # fmt: skip

    async def all_at_once(origins: Sequence[tuple[str, str, str]]) -> Sequence[Ending]:
        async with Sender(128, deadline, tls=trusting) as sender:
            return await asyncio.gather(*(send(sender, *one) for one in origins))

    with receivers(server) as (kind_ones, origins):
        with peak_of_memory() as kind_peak:
            for _ in range(3):
                asyncio.run(warm_up(kind_ones, trusting))
        with peak_of_memory() as hostile_peak:
            endings = asyncio.run(all_at_once(origins))
    return endings, hostile_peak[0] - kind_peak[0]


@contextlib.contextmanager
def peak_of_memory() -> Iterator[list[float]]:
    """The most that was resident meanwhile. asyncio keeps 256 KiB for each TLS connection, whoever is at its other end,
    and freed memory is not the next loop's at once: peaks are compared, after a few rounds.
    """
    # A TLS connection is in reference cycles of asyncio's: those of earlier rounds are no part of this one.
    gc.collect()
    peak, done = [memory_mib()], threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            peak[0] = max(peak[0], memory_mib())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()


def _serve(pipe: Connection, server: ssl.SSLContext) -> None:
    with Zoo() as zoo:
        schemes = (("http", None), ("https", server))
        kind_ones = [zoo.answering(b"success", tls=tls, seconds=1) for tls in (None, server)]
        origins = [(kind, scheme, zoo.cage(KINDS[kind], tls)) for kind in KINDS for scheme, tls in schemes]
        pipe.send((kind_ones, origins))
        pipe.recv()


@contextlib.contextmanager
def receivers(server: ssl.SSLContext) -> Iterator[tuple[list[str], list[tuple[str, str, str]]]]:
    """All of them, in a process of their own: what is measured is the sender's memory."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(theirs, server), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


async def warm_up(kind_ones: Sequence[str], trusting: ssl.SSLContext) -> None:
    """What a process that delivers needs at kind receivers: threads, TLS, as many connections at once."""
    from scanforpay_django.transport import Sender

    async with Sender(128, 5, tls=trusting) as sender:
        await asyncio.gather(*(sender.send(url, b"{}", {}) for url in list(kind_ones) * len(KINDS)))


def main() -> None:
    """Print and judge."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--deadline", type=float, default=15.0)
    options = parser.parse_args()
    django.setup()
    endings, grown = survive(options.deadline)
    for one in endings:
        print(f"{one.kind:24} {one.scheme:6} {one.seconds:6.2f} s  {one.words}")
    slowest = max(one.seconds for one in endings)
    false = sum(one.is_success for one in endings)
    kinds = f"{len(KINDS)} kinds, {len(endings)} tries at once"
    print(f"{kinds}: slowest {slowest:.2f} s, false successes {false}, memory +{grown:.1f} MiB")
    sys.exit(0 if slowest <= options.deadline + 0.5 and not false and grown <= 8 else 1)


if __name__ == "__main__":
    main()
