"""In a client's process: the platforms' names lead to the sandbox on the loopback, port included."""

import os
import socket

HOSTS = set(os.environ["LOOPBACK_HOSTS"].split(","))
PORT = int(os.environ["LOOPBACK_PORT"])
_resolve = socket.getaddrinfo


def getaddrinfo(host, port, *more, **named):
    """The own machine for a platform's name, and nothing beyond the loopback for any other."""
    if isinstance(host, bytes):
        host = host.decode()
    if host in HOSTS:
        return _resolve("127.0.0.1", PORT, *more, **named)
    if host not in ("127.0.0.1", "localhost"):
        raise OSError(f"{host} is no host of a platform: the tests do not leave this machine")
    return _resolve(host, port, *more, **named)


socket.getaddrinfo = getaddrinfo
