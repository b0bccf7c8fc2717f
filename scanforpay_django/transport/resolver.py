"""Resolve names in threads of our own, so that names that hang delay no others."""

import socket
import threading
from concurrent.futures import Future

from scanforpay_django.exceptions import AddressForbidden
from scanforpay_django.transport.addresses import may_connect

MAX_LOOKUPS = 64


class LookUpsExhausted(OSError):
    """Nothing was asked: that says nothing of the name."""


_lock = threading.Lock()
_running: dict[str, "Future[list[str]]"] = {}


def _run(host: str, future: "Future[list[str]]") -> None:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        error: OSError | None = None
    except (OSError, UnicodeError) as problem:
        addresses, error = [], problem if isinstance(problem, OSError) else OSError(str(problem))
    with _lock:
        _running.pop(host, None)
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(addresses)


def look_up(host: str) -> "Future[list[str]]":
    """Start looking ``host`` up, or join the look-up that is under way.

    The future holds the addresses as text, or an OSError.
    """
    with _lock:
        future = _running.get(host)
        if future is not None:
            return future
        future = Future()
        # Running at once: a caller that stops waiting cannot cancel it for the others.
        future.set_running_or_notify_cancel()
        if len(_running) >= MAX_LOOKUPS:
            future.set_exception(LookUpsExhausted("too many names are being looked up"))
            return future
        _running[host] = future
    try:
        threading.Thread(target=_run, args=(host, future), name="scanforpay-lookup", daemon=True).start()
    except RuntimeError as error:  # no more threads: callers that join would wait for ever
        with _lock:
            _running.pop(host, None)
        future.set_exception(LookUpsExhausted(str(error)))
    return future


def check_addresses(origin: str, addresses: list[str]) -> list[str]:
    """``addresses``, if a connection for ``origin`` may be opened to every one. Raises AddressForbidden."""
    if not addresses or not all(may_connect(origin, address) for address in addresses):
        raise AddressForbidden
    return addresses
