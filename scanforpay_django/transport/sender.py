"""Handing messages to merchants: many at once, each over within its deadline, none able to raise."""

import asyncio
import errno
import logging
import socket
import ssl
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import aiohttp
import certifi
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from scanforpay_django import __version__
from scanforpay_django.exceptions import AddressForbidden
from scanforpay_django.transport.addresses import may_connect
from scanforpay_django.transport.resolver import check_addresses, look_up
from scanforpay_django.transport.urls import Target, UrlRefused, parse_url

if TYPE_CHECKING:
    from aiohttp.client import ClientTimeout
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import AddrInfoType, Connection
    from aiohttp.tracing import Trace

logger = logging.getLogger(__name__)

MAX_ANSWER_BYTES = 4096
MAX_HEADER_BYTES = 8190
TOO_LARGE = "answer too large"
NOT_PUBLIC = "address not public"
NOT_FOLLOWED = "redirect not followed"
_TARGETS_KEPT = 2048
_HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "User-Agent": f"scanforpay_django/{__version__}",
}
_SYSTEM_WORDS = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "connection reset",
    errno.EPIPE: "connection reset",
    errno.EHOSTUNREACH: "host unreachable",
    errno.ENETUNREACH: "network unreachable",
    errno.ETIMEDOUT: "connecting timed out",
}
# The first that fits: special cases before their parents.
_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientConnectorCertificateError, "certificate not valid"),
    (aiohttp.ClientSSLError, "TLS handshake failed"),
    (aiohttp.ClientConnectorDNSError, "name not found"),
    (aiohttp.ServerDisconnectedError, "connection closed without an answer"),
    (aiohttp.ClientConnectionResetError, "connection reset"),
    (aiohttp.ClientPayloadError, "answer cut short"),
    (aiohttp.ClientResponseError, "answer is not HTTP"),
)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one try."""

    # the HTTP status; None when no whole answer came in time
    status: int | None
    # the first 4096 bytes of the answer as they came
    body: bytes = field(default=b"", repr=False)
    # in words why this cannot be an acknowledgement; "" when the answer has to be read
    reason: str = ""
    # the IP address that was connected to; "" when none was
    address: str = ""
    duration_ms: int = 0
    # what Retry-After asks for, 0 when absent
    retry_after_seconds: float = 0.0


class _Way:
    """How far one send came. The connector finds it through the context of the task."""

    def __init__(self) -> None:
        self.origin = ""
        self.address = ""
        self.is_refused = False
        self.is_fresh = False
        self.is_reused = False


_way: ContextVar[_Way] = ContextVar("_way")


def _guarded_socket(info: "AddrInfoType") -> socket.socket:
    """Every connection begins here, also one to an address spelled in the URL, which no resolver sees."""
    family, kind, protocol, _, place = info
    way = _way.get()
    if not may_connect(way.origin, str(place[0])):
        way.is_refused = True
        raise OSError(NOT_PUBLIC)
    way.is_fresh = True
    return socket.socket(family=family, type=kind, proto=protocol)


class _Resolver(AbstractResolver):
    """Our own threads, and one forbidden address refuses the name."""

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,
    ) -> list[ResolveResult]:
        addresses = await asyncio.wrap_future(look_up(host))
        way = _way.get()
        try:
            check_addresses(way.origin, addresses)
        except AddressForbidden as error:
            way.is_refused = True
            raise OSError(NOT_PUBLIC) from error
        return [self._entry(host, address, port) for address in addresses]

    @staticmethod
    def _entry(name: str, address: str, port: int) -> ResolveResult:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return ResolveResult(
            hostname=name, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST
        )

    async def close(self) -> None:
        """Nothing is held."""


class _Connector(aiohttp.TCPConnector):
    """Tells the way which address it got, and whether the connection had served before."""

    async def connect(
        self, req: "ClientRequest", traces: list["Trace"], timeout: "ClientTimeout"
    ) -> "Connection":
        connection = await super().connect(req, traces, timeout)
        way = _way.get()
        way.is_reused = not way.is_fresh
        peer: Any = connection.transport.get_extra_info("peername") if connection.transport else None
        way.address = str(peer[0]) if peer else ""
        return connection


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """The system's certificate authorities and certifi's: a slim container has only the latter."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _words(error: Exception) -> str:
    """The reason of a failed try."""
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return words
    if isinstance(error, aiohttp.ClientOSError) and isinstance(
        error.__cause__, aiohttp.ClientConnectionError
    ):
        return _words(error.__cause__)
    if isinstance(error, OSError):
        return _SYSTEM_WORDS.get(error.errno or 0, "connection failed")
    return f"sending failed: {type(error).__name__}"


def _retry_after(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0.0


class Sender:
    """Sends at most ``concurrency`` messages at once over pooled connections. A context within one loop.

    ``deadline_seconds`` bounds one send from look-up to last byte. What goes to one endpoint is capped by the
    caller: a cap here would let one merchant's messages wait, inside their deadline, for another's.
    """

    def __init__(
        self, concurrency: int, deadline_seconds: float, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self._concurrency = concurrency
        self._deadline_seconds = deadline_seconds
        self._tls = tls
        self._targets: dict[str, Target] = {}

    async def __aenter__(self) -> "Sender":
        connector = _Connector(
            limit=self._concurrency,
            resolver=_Resolver(),
            use_dns_cache=False,
            socket_factory=_guarded_socket,
            ssl=self._tls or _tls(),
            keepalive_timeout=10,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            trust_env=False,
            auto_decompress=False,
            read_bufsize=2 * MAX_ANSWER_BYTES,
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def send(self, target_url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """POST ``body`` once. Never raises; whatever went wrong is the outcome's reason."""
        begun = time.monotonic()
        way = _Way()
        token = _way.set(way)
        try:
            outcome = await self._within_deadline(way, target_url, body, headers)
        finally:
            _way.reset(token)
        took_ms = round((time.monotonic() - begun) * 1000)
        logger.debug("POST %s: %s after %d ms", way.origin, outcome.reason or outcome.status, took_ms)
        return Outcome(
            status=outcome.status,
            body=outcome.body,
            reason=outcome.reason,
            address=way.address,
            duration_ms=took_ms,
            retry_after_seconds=outcome.retry_after_seconds,
        )

    async def _within_deadline(
        self, way: _Way, target_url: str, body: bytes, headers: Mapping[str, str]
    ) -> Outcome:
        watchdog = asyncio.timeout(self._deadline_seconds)
        try:
            target = self._target(target_url)
            way.origin = target.origin
            async with watchdog:
                outcome = await self._exchange(way, target, body, headers)
        except UrlRefused as error:
            return Outcome(status=None, reason=f"address refused: {error}")
        except Exception as error:  # noqa: BLE001 - a merchant's server may do anything
            words = NOT_PUBLIC if way.is_refused else _words(error)
            outcome = Outcome(status=None, reason=words)
        # What a cut answer left may look whole: the clock decides.
        if watchdog.expired():
            return Outcome(status=None, reason=f"timeout after {self._deadline_seconds:g} s")
        return outcome

    def _target(self, url: str) -> Target:
        """The address, read once in this sender's life."""
        target = self._targets.get(url)
        if target is None:
            target = parse_url(url, purpose="notify")
            if len(self._targets) >= _TARGETS_KEPT:
                self._targets.clear()
            self._targets[url] = target
        return target

    async def _exchange(self, way: _Way, target: Target, body: bytes, headers: Mapping[str, str]) -> Outcome:
        while True:
            way.is_fresh = way.is_reused = False
            try:
                return await self._post(target, body, headers)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                # The peer closed an idle connection as we took it: that is no failed try. Take the next one.
                if not way.is_reused:
                    raise

    async def _post(self, target: Target, body: bytes, headers: Mapping[str, str]) -> Outcome:
        url = URL(target.url, encoded=True)
        async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
            answer, is_whole = await self._read(response.content)
            if not is_whole:
                response.close()
        reason = "" if is_whole else TOO_LARGE
        if 300 <= response.status < 400:
            reason = NOT_FOLLOWED
        return Outcome(
            status=response.status,
            body=answer,
            reason=reason,
            retry_after_seconds=_retry_after(response.headers.get("Retry-After", "")),
        )

    @staticmethod
    async def _read(content: aiohttp.StreamReader) -> tuple[bytes, bool]:
        """The first bytes, and whether they are all."""
        found = bytearray()
        while len(found) < MAX_ANSWER_BYTES:
            part = await content.read(MAX_ANSWER_BYTES - len(found))
            if not part:
                return bytes(found), True
            found += part
        return bytes(found), content.at_eof()
