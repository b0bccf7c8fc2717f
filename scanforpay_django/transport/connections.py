"""Connections to merchants' servers within one event loop: opened to checked addresses, kept, taken again.

A general HTTP client takes several times as long for the one thing that is done here: a small POST and the first bytes
of its answer (benchmarks/README.md).
"""

import asyncio
import select
import socket
import ssl
import time
from collections import defaultdict
from collections.abc import Collection
from typing import cast

from scanforpay_django.exceptions import AddressForbidden
from scanforpay_django.transport.addresses import may_connect
from scanforpay_django.transport.answer import CutShort, NotHttp, Unanswered
from scanforpay_django.transport.answer_reader import AnswerReader
from scanforpay_django.transport.resolver import MERCHANTS, check_addresses
from scanforpay_django.transport.urls import Target

KEPT_SECONDS = 10.0
#: while there is another address, one that does not answer for so long gives way to it
PATIENCE_SECONDS = 1.5
_READ_BYTES = 8192
#: what a slow request leaves for the end
SENT_LAST = 64


class Connection(asyncio.BufferedProtocol):
    """One connection; at most one exchange at a time."""

    def __init__(self, address: str) -> None:
        #: the IP address at the other end
        self.address = address
        #: whether an exchange may begin
        self.is_open = False
        #: whether any byte of an answer came in the last exchange
        self.has_answered = False
        self.idle_since = 0.0
        self._buffer = memoryview(bytearray(_READ_BYTES))
        self._reader: AnswerReader | None = None
        self._over: asyncio.Future[None] | None = None

    async def exchange(self, request: bytes, reader: AnswerReader, pause_seconds: float = 0.0) -> None:
        """Send ``request`` and feed the answer to ``reader``; unless the connection may be kept, it is closed.

        ``pause_seconds`` are waited before the last bytes, as over a bad line.
        Raises NotHttp, CutShort, Unanswered and OSError.
        """
        self._over = asyncio.get_running_loop().create_future()
        self._reader = reader
        self.has_answered = False
        try:
            if pause_seconds:
                self._transport.write(request[:-SENT_LAST])
                await asyncio.sleep(pause_seconds)
                request = request[-SENT_LAST:]
            self._transport.write(request)
            await self._over
        except BaseException:
            # Also where the answer was read: a caller that gets an error does not give the connection back.
            self.close()
            raise
        finally:
            self._reader = self._over = None
            # A failure leaves it as it was made: not to be kept.
            if not reader.may_be_kept:
                self.close()

    def is_quiet(self) -> bool:
        """Whether nothing waits to be read, not even an end: a busy loop sees neither before the next message goes."""
        if not self.is_open or self._transport.is_closing():
            return False
        waiting = select.poll()
        waiting.register(self._transport.get_extra_info("socket").fileno(), select.POLLIN)
        return not waiting.poll(0)

    def close(self) -> None:
        """Close at once, without waiting for the peer's own closing."""
        self.is_open = False
        self._transport.abort()

    # What the loop calls ----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.is_open = True

    def get_buffer(self, sizehint: int) -> memoryview:
        """The same few kilobytes for every read."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes came. Unasked, they must not become the next answer."""
        if self._reader is None:
            self.close()
            return
        self.has_answered = True
        try:
            if self._reader.feed(self._buffer[:nbytes]):
                self._end()
        except NotHttp as error:
            self._end(error)

    def eof_received(self) -> None:
        """The peer has said all it will."""
        self.is_open = False
        if self._reader is not None:
            try:
                self._reader.end()
            except (CutShort, Unanswered) as error:
                self._end(error)
            else:
                self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio's call; an answer that was not whole fails."""
        self.is_open = False
        self._end(exc or (CutShort() if self.has_answered else Unanswered()))

    def _end(self, error: Exception | None = None) -> None:
        if self._over is None or self._over.done():
            return
        if error is None:
            self._over.set_result(None)
        else:
            self._over.set_exception(error)


class Pool:
    """Connections by origin. ``most_idle`` bounds those that wait for another exchange; ``trusted`` origins may have
    any address.
    """

    def __init__(self, tls: ssl.SSLContext, most_idle: int, trusted: Collection[str] = ()) -> None:
        self._tls = tls
        self._trusted = trusted
        self._most_idle = most_idle
        self._idle: defaultdict[str, list[Connection]] = defaultdict(list)
        self._idle_count = 0
        self._swept_at = time.monotonic()

    def take(self, origin: str) -> Connection | None:
        """One that served before, if there is one."""
        waiting = self._idle.get(origin)
        oldest = time.monotonic() - KEPT_SECONDS
        while waiting:
            connection = waiting.pop()
            self._idle_count -= 1
            if connection.idle_since >= oldest and connection.is_quiet():
                return connection
            connection.close()
        return None

    def give_back(self, origin: str, connection: Connection) -> None:
        """Keep it for the next."""
        if not connection.is_open:
            return
        connection.idle_since = time.monotonic()
        if connection.idle_since - self._swept_at > KEPT_SECONDS:
            self._sweep(connection.idle_since - KEPT_SECONDS)
        if self._idle_count >= self._most_idle:
            connection.close()
            return
        self._idle[origin].append(connection)
        self._idle_count += 1

    async def open(self, target: Target, asker: object = None) -> Connection:
        """A new one, to an address that was checked a moment ago and by no other name; ``asker`` looks the name up.

        Raises AddressForbidden when any of the name's addresses is, OSError, and ssl.SSLError.
        """
        look_up = MERCHANTS.look_up(target.host, asker)
        found = look_up.result() if look_up.done() else await asyncio.wrap_future(look_up)
        is_trusted = target.origin in self._trusted
        addresses = found if is_trusted else check_addresses(target.origin, found)
        problem: OSError = OSError("no address")
        for number, address in enumerate(addresses, 1):
            patience = None if number == len(addresses) else PATIENCE_SECONDS
            try:
                async with asyncio.timeout(patience):
                    opened = await _dial(target, address, is_trusted=is_trusted)
            except ssl.SSLError:
                raise
            except OSError as error:
                problem = error
            else:
                return await self._begin(target, address, opened)
        raise problem

    async def _begin(self, target: Target, address: str, opened: socket.socket) -> Connection:
        is_tls = target.scheme == "https"
        _, connection = await asyncio.get_running_loop().create_connection(
            lambda: Connection(address),
            sock=opened,
            ssl=self._tls if is_tls else None,
            server_hostname=target.host if is_tls else None,
        )
        return connection

    def close(self) -> None:
        """Close all that wait."""
        for waiting in self._idle.values():
            for connection in waiting:
                connection.close()
        self._idle.clear()
        self._idle_count = 0

    def _sweep(self, oldest: float) -> None:
        self._swept_at = time.monotonic()
        for origin, waiting in list(self._idle.items()):
            kept = []
            for connection in waiting:
                if connection.is_open and connection.idle_since >= oldest:
                    kept.append(connection)
                else:
                    connection.close()
            self._idle_count -= len(waiting) - len(kept)
            if kept:
                self._idle[origin] = kept
            else:
                del self._idle[origin]


async def _dial(target: Target, address: str, *, is_trusted: bool = False) -> socket.socket:
    """A connected socket. The guard stands here too, where every connection begins."""
    if not is_trusted and not may_connect(target.origin, address):
        raise AddressForbidden
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setblocking(False)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(opened, (address, target.port))
    except BaseException:
        opened.close()
        raise
    return opened
