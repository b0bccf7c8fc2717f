"""A server of the sandbox's own: with TLS, or with one platform at its root."""

import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

from .hosts import PLATFORM_KEY

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, kw_only=True)
class ServerPlan:
    """What one server is."""

    host: str = "127.0.0.1"
    # 0: any free one
    port: int = 0
    # of hosts.PLATFORMS: the one that is played whatever the host; "" for the one of the host
    platform: str = ""
    # None: plain HTTP
    tls: ssl.SSLContext | None = None


class RawLineHandler(WSGIRequestHandler):
    """Hands on the request line's target as it came: clients sign it so, and WSGI's own path is decoded."""

    def get_environ(self) -> dict[str, Any]:
        """Under the name that gunicorn gives it."""
        environ: dict[str, Any] = super().get_environ()
        # ``self.path`` has lost slashes that came in pairs
        return {**environ, "RAW_URI": self.requestline.split()[1]}


class QuietHandler(RawLineHandler):
    """A handler of requests that logs none of them."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class names it so)
        """The sandbox keeps its own list of calls."""


def make_server(application: Application, plan: ServerPlan) -> ThreadedWSGIServer:
    """Bound and listening; ``serve_forever`` and ``shutdown`` are the caller's."""
    server = ThreadedWSGIServer((plan.host, plan.port), QuietHandler)
    server.daemon_threads = True
    if plan.tls is not None:
        # The request's own thread does the handshake: a client that is silent does not hold up the others.
        server.socket = plan.tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.base_environ["HTTPS"] = "on"

    def one_platform(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        environ[PLATFORM_KEY] = plan.platform
        return application(environ, start)

    server.set_app(one_platform if plan.platform else application)
    return server
