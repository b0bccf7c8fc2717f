"""Names under hangs.test are never resolved, as where no name server answers. Python loads this module by its name."""

import socket
import time

SECONDS = 30.0
_resolve = socket.getaddrinfo


def getaddrinfo(host, port, *more, **named):
    """As the system's, except for those."""
    if str(host).endswith(".hangs.test"):
        time.sleep(SECONDS)
        raise socket.gaierror(socket.EAI_AGAIN, "no name server has answered")
    return _resolve(host, port, *more, **named)


socket.getaddrinfo = getaddrinfo
