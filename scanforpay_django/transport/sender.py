"""Handing messages to merchants: many at once, each over within its deadline, none able to raise."""

import asyncio
import errno
import logging
import socket
import ssl
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import certifi

from scanforpay_django import __version__
from scanforpay_django.exceptions import AddressForbidden
from scanforpay_django.transport.answer import MAX_ANSWER_BYTES, CutShort, NotHttp, Unanswered
from scanforpay_django.transport.answer_reader import AnswerReader
from scanforpay_django.transport.connections import Connection, Pool
from scanforpay_django.transport.resolver import LookUpsExhausted
from scanforpay_django.transport.urls import Target, UrlRefused, parse_url, split_url

logger = logging.getLogger(__name__)

TOO_LARGE = "answer too large"
NOT_FOLLOWED = "redirect not followed"
#: how a reason begins that says nothing of the merchant's server
OUR_SIDE = "sending failed: "
_ROUTES_KEPT = 16_384
# This machine is out of something.
_OUR_ERRORS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EADDRNOTAVAIL})
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
    (AddressForbidden, "address not public"),
    (LookUpsExhausted, "address not looked up: too many names at once"),
    (ssl.SSLCertVerificationError, "certificate not valid"),
    (ssl.SSLError, "TLS handshake failed"),
    (socket.gaierror, "name not found"),
    (Unanswered, "connection closed without an answer"),
    (CutShort, "answer cut short"),
    (NotHttp, "answer is not HTTP"),
    (TimeoutError, "connecting timed out"),
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
    # where no whole answer came: the status that was read nevertheless, and the first 4096 bytes of all that came
    partial_status: int | None = None
    received: bytes = field(default=b"", repr=False)

    @property
    def status_read(self) -> int | None:
        """For people: the status of the answer, or of what was to become one."""
        return self.partial_status if self.status is None else self.status


@dataclass(slots=True)
class _Way:
    """How far one send came."""

    begun: float
    asker: object
    origin: str = ""
    address: str = ""
    pause_seconds: float = 0.0
    # what came over the last connection
    answer: AnswerReader | None = None

    def answered(self, answer: AnswerReader, *, reason: str = "") -> Outcome:
        """The outcome of a whole answer, or of one that is too large."""
        return Outcome(
            status=answer.status,
            body=bytes(answer.body),
            reason=reason,
            address=self.address,
            duration_ms=self._took_ms(reason or answer.status),
            retry_after_seconds=_seconds(answer.retry_after),
        )

    def failed(self, reason: str) -> Outcome:
        """The outcome without an answer, with what came in its place."""
        return Outcome(
            status=None,
            reason=reason,
            address=self.address,
            duration_ms=self._took_ms(reason),
            partial_status=self.answer.status_so_far if self.answer else None,
            received=bytes(self.answer.received[:MAX_ANSWER_BYTES]) if self.answer else b"",
        )

    def _took_ms(self, result: str | int) -> int:
        took_ms = round((time.monotonic() - self.begun) * 1000)
        logger.debug("POST %s: %s after %d ms", self.origin, result, took_ms)
        return took_ms


@dataclass(frozen=True, kw_only=True)
class _Route:
    """An address, read once in a sender's life, and how requests to it begin."""

    target: Target
    head: bytes


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """The system's certificate authorities and certifi's: a slim container has only the latter."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


def _words(error: Exception) -> str:
    """The reason of a failed try."""
    if isinstance(error, OSError) and error.errno in _OUR_ERRORS:
        return f"{OUR_SIDE}{errno.errorcode[error.errno]}"
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return words
    if isinstance(error, OSError):
        return _SYSTEM_WORDS.get(error.errno or 0, "connection failed")
    return f"{OUR_SIDE}{type(error).__name__}"


def _seconds(text: bytes) -> float:
    return float(text) if text.isdigit() and len(text) <= 6 else 0.0


def _request_head(target: Target) -> bytes:
    lines = (
        f"POST {target.path_and_query} HTTP/1.1",
        f"Host: {target.origin.partition('://')[2]}",
        "Accept: */*",
        "Accept-Encoding: identity",
        f"User-Agent: scanforpay_django/{__version__}",
        "",
    )
    return "\r\n".join(lines).encode("ascii")


def _build_request(route: _Route, body: bytes, headers: Mapping[str, str]) -> bytes:
    """The bytes of the request. Raises ValueError for a header that would be two."""
    more = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    if more.count("\n") != len(headers) or more.count("\r") != len(headers):
        raise ValueError("a header holds the end of a line")
    return b"%sContent-Length: %d\r\n%s\r\n%s" % (route.head, len(body), more.encode("ascii"), body)


class Sender:
    """Sends messages over kept connections. A context within one loop.

    ``concurrency`` is how many connections are kept for another message. ``deadline_seconds`` bounds one send
    from look-up to last byte. What goes to one endpoint is capped by the caller: a cap here would let one
    merchant's messages wait, inside their deadline, for another's. ``trusted_origins`` are excepted from the address
    guard: what somebody with a shell on this machine names, never what a merchant sent.
    """

    def __init__(
        self,
        concurrency: int,
        deadline_seconds: float,
        *,
        tls: ssl.SSLContext | None = None,
        trusted_origins: Collection[str] = (),
    ) -> None:
        self._trusted = frozenset(trusted_origins)
        self._pool = Pool(tls or _tls(), concurrency, self._trusted)
        self._deadline_seconds = deadline_seconds
        self._routes: dict[str, _Route] = {}

    async def __aenter__(self) -> "Sender":
        return self

    async def __aexit__(self, *_: object) -> None:
        self._pool.close()
        # What was closed is gone one round of the loop later.
        await asyncio.sleep(0)

    async def send(
        self,
        target_url: str,
        body: bytes,
        headers: Mapping[str, str],
        asker: object = None,
        *,
        pause_seconds: float = 0.0,
    ) -> Outcome:
        """POST ``body`` once. Never raises; whatever went wrong is the outcome's reason.

        ``asker`` is whose name is looked up: those of one asker hold up no other's. ``pause_seconds`` are waited before
        the last bytes: a receiver is tried out with it.
        """
        way = _Way(time.monotonic(), asker, pause_seconds=pause_seconds)
        watchdog = asyncio.timeout(self._deadline_seconds)
        try:
            route = self._route(target_url)
            way.origin = route.target.origin
            async with watchdog:
                answer = await self._exchange(way, route.target, _build_request(route, body, headers))
        except UrlRefused as error:
            return way.failed(f"address refused: {error}")
        except Exception as error:  # noqa: BLE001 - a merchant's server may do anything
            if not watchdog.expired():
                return way.failed(_words(error))
        # What a cut answer left may look whole: the clock decides.
        if watchdog.expired():
            return way.failed(f"timeout after {self._deadline_seconds:g} s")
        reason = "" if answer.is_whole else TOO_LARGE
        return way.answered(answer, reason=NOT_FOLLOWED if 300 <= answer.status < 400 else reason)

    def _route(self, url: str) -> _Route:
        route = self._routes.get(url)
        if route is None:
            target = split_url(url)
            if target.origin not in self._trusted:
                target = parse_url(url, purpose="notify")
            if len(self._routes) >= _ROUTES_KEPT:
                self._routes.clear()
            route = self._routes[url] = _Route(target=target, head=_request_head(target))
        return route

    async def _exchange(self, way: _Way, target: Target, request: bytes) -> AnswerReader:
        while (connection := self._pool.take(target.origin)) is not None:
            try:
                return await self._over(connection, way, target, request)
            except (Unanswered, OSError):
                # The peer closed an idle connection as we took it: that is no failed try. Take the next one.
                if connection.has_answered:
                    raise
        return await self._over(await self._pool.open(target, way.asker), way, target, request)

    async def _over(self, connection: Connection, way: _Way, target: Target, request: bytes) -> AnswerReader:
        way.address = connection.address
        way.answer = answer = AnswerReader()
        await connection.exchange(request, answer, way.pause_seconds)
        self._pool.give_back(target.origin, connection)
        return answer
