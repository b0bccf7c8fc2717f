"""Refusing at once what has waited too long for a free worker.

A platform takes an answer later than five seconds for none, and says the message again. Where messages come faster
than they can be applied, each that is answered too late is work for nothing, and makes the next one late as well: then
none is in time. So one that has waited for too long is refused before anything is done for it.
"""

import socket
import struct
import time

from django.http import HttpRequest

#: with the time that applying takes, the answer to what is accepted comes within four seconds
LONGEST_WAIT_SECONDS = 3.0
#: longer ago than any server keeps a call waiting: then the header is not about this call, or its clock is wrong
_LONGEST_CREDIBLE_SECONDS = 120.0
# struct tcp_info of Linux: eight bytes, then numbers of four; tcpi_last_data_recv, in milliseconds, is the twelfth.
# Source: include/uapi/linux/tcp.h.
_LAST_DATA_RECEIVED = 8 + 11 * 4
_TCP_INFO_BYTES = 104


def has_waited_too_long(request: HttpRequest) -> bool:
    """Whether the platform may have given the call up by the time it would be answered."""
    waited = _by_the_proxy(request.META.get("HTTP_X_REQUEST_START", ""))
    if waited is None:
        waited = _by_the_socket(request.META.get("gunicorn.socket"))
    return waited is not None and waited > LONGEST_WAIT_SECONDS


def _by_the_proxy(header: str) -> float | None:
    """Seconds since a proxy took the call, where it says so: ``t=`` and seconds since 1970, as nginx's ``$msec``."""
    try:
        taken_at = float(header.strip().removeprefix("t="))
    except ValueError:
        return None
    waited = time.time() - taken_at
    return waited if 0 <= waited < _LONGEST_CREDIBLE_SECONDS else None


def _by_the_socket(connection: object) -> float | None:
    """Seconds since the call's last byte reached this machine, as gunicorn's own socket tells on Linux."""
    option = getattr(socket, "TCP_INFO", None)
    if not isinstance(connection, socket.socket) or option is None:
        return None
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, option, _TCP_INFO_BYTES)
        return float(struct.unpack_from("I", info, _LAST_DATA_RECEIVED)[0]) / 1000
    except (OSError, struct.error):  # a socket of another kind, or another system's answer
        return None
