"""Connections for ``requests`` that go to a checked address and end when their call's time is over.

A socket's timeout is per read: a peer that sends one byte a second is never late. So each call has a watchdog
that shuts the socket down; what was read until then looks like a whole answer and is not (``DialedCall.is_cut``).
"""

import logging
import os
import socket
import threading
import time
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextvars import ContextVar
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from scanforpay_django.transport.resolver import PLATFORMS, check_addresses


class DialedCall:
    """One request under way: how long it may take, and how far it came."""

    def __init__(self, *, origin: str, trusted: bool, total_seconds: float) -> None:
        self.origin = origin
        self.trusted = trusted
        self.is_sent = False
        self.is_cut = False
        self.ends_at = time.monotonic() + total_seconds
        self._lifeline: socket.socket | None = None
        self._lock = threading.Lock()
        self._watchdog = threading.Timer(total_seconds, self._cut)
        self._watchdog.daemon = True

    def __enter__(self) -> "DialedCall":
        self._token = current_call.set(self)
        self._watchdog.start()
        return self

    def __exit__(self, *_: object) -> None:
        current_call.reset(self._token)
        self._watchdog.cancel()
        self.watch(None)

    def remaining_seconds(self, at_most: float) -> float:
        """Seconds until the end, no more than ``at_most``, never zero (that would mean non-blocking)."""
        return max(0.001, min(at_most, self.ends_at - time.monotonic()))

    def watch(self, connection: socket.socket | None) -> None:
        """Shut ``connection`` down when the time is over; None ends the watch.

        Through a copy of the descriptor: TLS takes the original socket away, and http.client closes a
        connection whose answer is still being read.
        """
        copy = None if connection is None else socket.socket(fileno=os.dup(connection.fileno()))
        with self._lock:
            before, self._lifeline = self._lifeline, copy
            is_late = self.is_cut
        if before is not None:
            before.close()
        if is_late:
            self._cut()

    def _cut(self) -> None:
        with self._lock:
            self.is_cut = True
            if self._lifeline is not None:
                try:
                    self._lifeline.shutdown(socket.SHUT_RDWR)
                except OSError:  # it has ended already
                    return


current_call: ContextVar[DialedCall] = ContextVar("current_call")


def _is_not_ours(_record: logging.LogRecord) -> bool:
    return current_call.get(None) is None


# urllib3 logs the whole query, which may hold a platform secret; what we log is said in http.py.
logging.getLogger("urllib3.connectionpool").addFilter(_is_not_ours)


def _addresses(call: DialedCall, host: str, seconds: float) -> list[str]:
    found = PLATFORMS.look_up(host, host).result(timeout=call.remaining_seconds(seconds))
    return found if call.trusted else check_addresses(call.origin, found)


def _open_socket(
    call: DialedCall, addresses: list[str], port: int, seconds: float, options: Any
) -> socket.socket:
    """A connection to the first address that takes one. Raises OSError."""
    problem: OSError = OSError("no address")
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        opened = socket.socket(family, socket.SOCK_STREAM)
        try:
            for option in options or ():
                opened.setsockopt(*option)
            opened.settimeout(call.remaining_seconds(seconds))
            opened.connect((address, port))
        except OSError as error:
            opened.close()
            problem = error
        else:
            return opened
    raise problem


class _Guarded(HTTPConnection):
    """Opens its socket to a checked address, and informs the call when bytes leave."""

    def _new_conn(self) -> socket.socket:
        call = current_call.get()
        seconds = float(self.timeout or 10)
        try:
            addresses = _addresses(call, self.host.strip("[]"), seconds)
            opened = _open_socket(call, addresses, self.port, seconds, self.socket_options)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except (TimeoutError, FutureTimeoutError) as error:
            raise ConnectTimeoutError(self, "connecting took too long") from error
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error
        call.watch(opened)
        return opened

    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None:
            current_call.get().watch(self.sock)
        super().putrequest(*args, **kwargs)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        current_call.get().is_sent = True
        super().send(data)


class _GuardedTLS(_Guarded, HTTPSConnection):
    """The same under TLS; certificate and SNI go by the name."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTLS


class GuardedAdapter(HTTPAdapter):
    """The adapter of a session whose connections are guarded. Never retries."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
