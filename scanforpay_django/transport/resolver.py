"""Resolve names in threads of our own, so that names that hang delay no others."""

import socket
import threading
from collections import Counter
from concurrent.futures import Future

from scanforpay_django.exceptions import AddressForbidden
from scanforpay_django.transport.addresses import may_connect, parse_address


class LookUpsExhausted(OSError):
    """Nothing was asked: that says nothing of the name."""


class Resolver:
    """Look-ups that share so many threads, and no others.

    Of those threads one asker may have as many as stay free: the names of one partner, by the hundred at a server that
    never answers, leave a look-up to everybody else's. (The system's own resolver waits, and cannot be stopped.)
    """

    def __init__(self, most: int) -> None:
        #: how many look-ups may be under way
        self.most = most
        self._lock = threading.Lock()
        self._running: dict[str, Future[list[str]]] = {}
        # whose they are; a name that several ask for is the first one's
        self._askers: Counter[object] = Counter()

    def look_up(self, host: str, asker: object = None) -> "Future[list[str]]":
        """Start looking ``host`` up, or join the look-up that is under way.

        ``asker`` is who shares with others: a partner's key, for example. The future holds the addresses as text, or
        an OSError.
        """
        if parse_address(host) is not None:
            # An address needs no look-up, and no thread.
            spelt: Future[list[str]] = Future()
            spelt.set_result([host])
            return spelt
        with self._lock:
            future = self._running.get(host)
            if future is not None:
                return future
            future = Future()
            # Running at once: a caller that stops waiting cannot cancel it for the others.
            future.set_running_or_notify_cancel()
            if self._askers[asker] >= self.most - len(self._running):
                future.set_exception(LookUpsExhausted("too many names are being looked up"))
                return future
            self._running[host] = future
            self._askers[asker] += 1
        try:
            threading.Thread(
                target=self._run, args=(host, asker, future), name="scanforpay-lookup", daemon=True
            ).start()
        except RuntimeError as error:  # no more threads: callers that join would wait for ever
            self._end(host, asker)
            future.set_exception(LookUpsExhausted(str(error)))
        return future

    def _run(self, host: str, asker: object, future: "Future[list[str]]") -> None:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
            error: OSError | None = None
        except (OSError, UnicodeError) as problem:
            addresses, error = [], problem if isinstance(problem, OSError) else OSError(str(problem))
        self._end(host, asker)
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(addresses)

    def _end(self, host: str, asker: object) -> None:
        with self._lock:
            self._running.pop(host, None)
            self._askers[asker] -= 1
            if not self._askers[asker]:
                del self._askers[asker]


#: Names of merchants' servers, each partner's its own; those of platforms are apart, so that no merchant's name delays
#: a call about money.
MERCHANTS, PLATFORMS = Resolver(64), Resolver(32)


def check_addresses(origin: str, addresses: list[str]) -> list[str]:
    """``addresses``, if a connection for ``origin`` may be opened to every one. Raises AddressForbidden."""
    if not addresses or not all(may_connect(origin, address) for address in addresses):
        raise AddressForbidden
    return addresses
