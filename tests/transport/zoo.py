"""Servers at the level of the socket: some behave, most do not."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from types import TracebackType

OK = b"HTTP/1.1 200 OK\r\n"
Behaviour = Callable[[socket.socket, threading.Event], None]


def read_request(connection: socket.socket) -> bytes:
    """One request, head and body; b"" when the peer has gone."""
    found = b""
    while b"\r\n\r\n" not in found:
        part = connection.recv(65536)
        if not part:
            return b""
        found += part
    head, _, body = found.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


class Zoo:
    """Opens cages on loopback ports; closes them all at the end."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.requests: list[bytes] = []

    def __enter__(self) -> "Zoo":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for opened in self._open:
            with contextlib.suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()
        for thread in self._threads:
            thread.join(timeout=5)

    def cage(self, behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> str:
        """The origin at which ``behaviour`` serves each connection."""
        server = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._open.append(server)
        self._start(self._accept, server, behaviour, tls)
        scheme = "http" if tls is None else "https"
        return f"{scheme}://127.0.0.1:{server.getsockname()[1]}"

    def answering(self, *answers: bytes, tls: ssl.SSLContext | None = None, seconds: float = 0.0) -> str:
        """The origin that gives these bodies (200) or whole answers in turn, the last one for ever."""
        left = list(answers)
        lock = threading.Lock()

        def serve(connection: socket.socket, _stop: threading.Event) -> None:
            while request := read_request(connection):
                with lock:
                    self.requests.append(request)
                    answer = left.pop(0) if len(left) > 1 else left[0]
                time.sleep(seconds)
                connection.sendall(answer if answer.startswith(b"HTTP/") else whole(answer))

        return self.cage(serve, tls)

    def bodies(self) -> list[bytes]:
        """The bodies received, in order."""
        return [request.partition(b"\r\n\r\n")[2] for request in self.requests]

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, server: socket.socket, behaviour: Behaviour, tls: ssl.SSLContext | None) -> None:
        with contextlib.suppress(OSError):
            while not self._stop.is_set():
                connection, _ = server.accept()
                self._open.append(connection)
                self._start(self._serve, connection, behaviour, tls)

    def _serve(self, connection: socket.socket, behaviour: Behaviour, tls: ssl.SSLContext | None) -> None:
        with contextlib.suppress(OSError, ValueError):
            if tls is not None:
                connection = tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            behaviour(connection, self._stop)
        connection.close()


def whole(body: bytes, status: bytes = b"200 OK", *headers: bytes) -> bytes:
    """A whole answer."""
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


# The inmates: each takes a request and misbehaves --------------------------------------------------


def never_answers(connection: socket.socket, stop: threading.Event) -> None:
    read_request(connection)
    stop.wait(30)


def never_reads(_connection: socket.socket, stop: threading.Event) -> None:
    stop.wait(30)


def _drip(connection: socket.socket, stop: threading.Event, first: bytes, drop: bytes) -> None:
    read_request(connection)
    connection.sendall(first)
    while not stop.wait(0.1):
        connection.sendall(drop)


def drips_header(connection: socket.socket, stop: threading.Event) -> None:
    _drip(connection, stop, OK, b"X-Drip: 1\r\n")


def drips_body(connection: socket.socket, stop: threading.Event) -> None:
    _drip(connection, stop, OK + b"\r\nsuccess", b" ")


def drips_chunks(connection: socket.socket, stop: threading.Event) -> None:
    _drip(connection, stop, OK + b"Transfer-Encoding: chunked\r\n\r\n7\r\nsuccess\r\n", b"1\r\n \r\n")


def success_and_silence(connection: socket.socket, stop: threading.Event) -> None:
    read_request(connection)
    connection.sendall(OK + b"Content-Length: 900\r\n\r\nsuccess")
    stop.wait(30)


def endless_continue(connection: socket.socket, stop: threading.Event) -> None:
    _drip(connection, stop, b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 10)


def floods_continue(connection: socket.socket, stop: threading.Event) -> None:
    read_request(connection)
    while not stop.is_set():
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


def endless_headers(connection: socket.socket, stop: threading.Event) -> None:
    read_request(connection)
    connection.sendall(OK)
    while not stop.is_set():
        connection.sendall(b"X-More: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n" * 1000)


def ten_megabytes(connection: socket.socket, _stop: threading.Event) -> None:
    read_request(connection)
    connection.sendall(OK + b"Content-Length: 10485760\r\n\r\n" + b"success\n" * (10 << 17))


def redirects(connection: socket.socket, _stop: threading.Event) -> None:
    read_request(connection)
    headers = b"Location: http://169.254.169.254/latest/\r\nContent-Length: 7\r\n\r\nsuccess"
    connection.sendall(b"HTTP/1.1 302 Found\r\n" + headers)


def gzip_bomb(connection: socket.socket, _stop: threading.Event) -> None:
    read_request(connection)
    bomb = b"\x1f\x8b\x08\x00" + b"\x00" * 2000
    connection.sendall(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb)


def closes_at_once(connection: socket.socket, _stop: threading.Event) -> None:
    connection.close()


def closes_unanswered(connection: socket.socket, _stop: threading.Event) -> None:
    read_request(connection)


def cut_short(connection: socket.socket, _stop: threading.Event) -> None:
    read_request(connection)
    connection.sendall(OK + b"Content-Length: 70\r\n\r\nsuccess")


def bad_length(connection: socket.socket, _stop: threading.Event) -> None:
    read_request(connection)
    connection.sendall(OK + b"Content-Length: abc\r\n\r\nsuccess")


def two_lengths(connection: socket.socket, _stop: threading.Event) -> None:
    read_request(connection)
    connection.sendall(OK + b"Content-Length: 7\r\nContent-Length: 3\r\n\r\nsuccess")


def not_http(connection: socket.socket, _stop: threading.Event) -> None:
    read_request(connection)
    connection.sendall(b"220 ftp ready\r\nsuccess")


INMATES: dict[str, Behaviour] = {
    behaviour.__name__: behaviour
    for behaviour in (
        never_answers, never_reads, drips_header, drips_body, drips_chunks, success_and_silence,
        endless_continue, floods_continue,
        endless_headers, ten_megabytes, redirects, gzip_bomb, closes_at_once, closes_unanswered, cut_short,
        bad_length, two_lengths, not_http,
    )
}  # fmt: skip


def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
