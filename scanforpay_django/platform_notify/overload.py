"""Refusing at once what has waited too long for a free worker.

A platform takes an answer later than five seconds for none, and says the message again. Where messages come faster
than they can be applied, each that is answered too late is work for nothing, and makes the next one late as well: then
none is in time. So one that has waited for too long is refused before anything is done for it.
"""

import logging
import socket
import struct
import time

from django.http import HttpRequest

logger = logging.getLogger(__name__)

#: with the time that applying takes, the answer to what is accepted comes within four seconds
LONGEST_WAIT_SECONDS = 3.0
#: longer ago than any server keeps a call waiting: then the header is not about this call, or its clock is wrong
_LONGEST_CREDIBLE_SECONDS = 120.0
#: what is refused at once leaves any queue sooner: when all have seemed late for so long, a clock may be wrong
_LONGEST_OVERLOAD_SECONDS = 30.0
# struct tcp_info of Linux: eight bytes, then numbers of four; tcpi_last_data_recv, in milliseconds, is the twelfth.
# Source: include/uapi/linux/tcp.h.
_LAST_DATA_RECEIVED = 8 + 11 * 4
_TCP_INFO_BYTES = 104


def has_waited_too_long(request: HttpRequest) -> bool:
    """Whether the platform may have given the call up by the time it would be answered."""
    waited = _by_the_proxy(request.META.get("HTTP_X_REQUEST_START", ""))
    if waited is not None:
        return _proxys_clock.is_believed_late(waited)
    waited = _by_the_socket(request.META.get("gunicorn.socket"))
    return waited is not None and waited > LONGEST_WAIT_SECONDS


class _ProxysClock:
    """A proxy whose clock is some seconds slow makes every message seem late: none would ever be accepted.

    So when none has been in time for a while, every other one is accepted, until one is in time.
    """

    def __init__(self) -> None:
        self._late_since: float | None = None
        self._is_one_refused = False

    def is_believed_late(self, waited: float) -> bool:
        """Whether a message is to be refused that, by the proxy, has waited so many seconds."""
        if waited <= LONGEST_WAIT_SECONDS:
            self._late_since = None
            return False
        now = time.monotonic()
        if self._late_since is None:
            self._late_since = now
        if now - self._late_since < _LONGEST_OVERLOAD_SECONDS:
            return True
        self._is_one_refused = not self._is_one_refused
        if not self._is_one_refused:
            logger.warning(
                "by X-Request-Start every message has waited too long for %.0f s, this one %.1f s. Unless this site is "
                "overloaded, set the clocks of the proxy's host and of this one",
                now - self._late_since,
                waited,
            )
        return self._is_one_refused


#: of this process
_proxys_clock = _ProxysClock()


def _by_the_proxy(header: str) -> float | None:
    """Seconds since a proxy took the call, where it says so: ``t=`` and seconds since 1970, as nginx's ``$msec``."""
    try:
        taken_at = float(header.strip().removeprefix("t="))
    except ValueError:
        return None
    waited = time.time() - taken_at
    return waited if 0 <= waited < _LONGEST_CREDIBLE_SECONDS else None


def _by_the_socket(connection: object) -> float | None:
    """Seconds since the call's last byte reached this machine, as gunicorn's own socket reports on Linux."""
    option = getattr(socket, "TCP_INFO", None)
    if not isinstance(connection, socket.socket) or option is None:
        return None
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, option, _TCP_INFO_BYTES)
        return float(struct.unpack_from("I", info, _LAST_DATA_RECEIVED)[0]) / 1000
    except (OSError, struct.error):  # a socket of another kind, or another system's answer
        return None
