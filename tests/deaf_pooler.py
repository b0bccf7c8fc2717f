"""A pooler in transaction mode, as who listens sees it: everything comes back but notifications."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

NOTIFICATION = b"A"


@contextmanager
def deaf_pooler(host: str, port: int) -> Iterator[int]:
    """Its port. Without TLS."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_accept, args=(server, host, port), daemon=True).start()
        yield server.getsockname()[1]


def _accept(server: socket.socket, host: str, port: int) -> None:
    with suppress(OSError):
        while True:
            client, _ = server.accept()
            behind = socket.create_connection((host, port))
            threading.Thread(target=_copy, args=(client, behind), daemon=True).start()
            threading.Thread(target=_answer, args=(behind, client), daemon=True).start()


def _copy(client: socket.socket, behind: socket.socket) -> None:
    with suppress(OSError), behind, client:
        while data := client.recv(65536):
            behind.sendall(data)
        behind.shutdown(socket.SHUT_RDWR)


def _answer(behind: socket.socket, client: socket.socket) -> None:
    with suppress(OSError, ValueError), behind.makefile("rb") as messages:
        while kind := messages.read(1):
            length = messages.read(4)
            rest = messages.read(int.from_bytes(length, "big") - 4)
            if kind != NOTIFICATION:
                client.sendall(kind + length + rest)
