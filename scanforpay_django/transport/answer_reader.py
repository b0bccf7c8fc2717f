"""Reading an HTTP/1.1 answer from the pieces in which it arrives, as much of it as is kept. Pure.

Strict, because it costs nobody anything: whatever is odd is no answer, and the message is sent again. The number
of bytes is bounded everywhere, in informational answers and trailers too: a peer that talks for ever is cut off.
"""

import re
import sys
from collections.abc import Generator
from typing import TypeVar

MAX_BODY_BYTES = 4096
#: of all heads together: informational answers, the answer's own, chunk sizes, trailers
MAX_HEAD_BYTES = 16384

_START = b"HTTP/1."
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_LINE = re.compile(rb"\r?\n")
_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: .*)?")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_WITHOUT_BODY = frozenset({204, 304})
_SWITCHING = 101

_T = TypeVar("_T")
#: a step that waits for more bytes at each yield
Steps = Generator[None, None, _T]


class NotHttp(Exception):
    """What came is no answer."""


class CutShort(Exception):
    """The connection ended inside an answer."""


class Unanswered(Exception):
    """The connection ended before the first byte of an answer."""


class AnswerReader:
    """One answer to a POST. Feed it until it says that the answer is over."""

    __slots__ = (
        "_buffer", "_ends_with_connection", "_head_bytes", "_is_persistent", "_steps", "body", "is_whole",
        "may_be_kept", "retry_after", "status",
    )  # fmt: skip

    def __init__(self) -> None:
        self.status = 0
        #: the first MAX_BODY_BYTES
        self.body = bytearray()
        #: whether that is all of it
        self.is_whole = False
        #: whether the connection may serve again
        self.may_be_kept = False
        self.retry_after = b""
        self._buffer = bytearray()
        self._head_bytes = 0
        self._is_persistent = False
        self._ends_with_connection = False
        self._steps = self._read()

    def feed(self, data: bytes | memoryview) -> bool:
        """Take the next piece; whether the answer is over. Raises NotHttp."""
        self._buffer += data
        try:
            next(self._steps)
        except StopIteration:
            self._ends_with_connection = False
            self.may_be_kept = self._is_persistent and self.is_whole and not self._buffer
            return True
        return False

    def end(self) -> None:
        """The connection has ended. Raises Unanswered or CutShort unless that is how this answer ends."""
        if self._ends_with_connection:
            self.is_whole = True
        elif self.status or self._buffer or self._head_bytes:
            raise CutShort
        else:
            raise Unanswered

    def _read(self) -> Steps[None]:
        status, headers = yield from self._head()
        while status < 200:
            status, headers = yield from self._head()
        self.status = status
        self.retry_after = headers.get(b"retry-after", b"")
        is_chunked, length = _frame(headers)
        if status in _WITHOUT_BODY:
            self.is_whole = True
        elif is_chunked:
            self.is_whole = yield from self._chunks()
        else:
            self._ends_with_connection = length is None
            self.is_whole = yield from self._take(sys.maxsize if length is None else length)

    def _head(self) -> Steps[tuple[int, dict[bytes, bytes]]]:
        """A status and its headers."""
        while len(self._buffer) < len(_START):
            yield
        if not self._buffer.startswith(_START):
            raise NotHttp
        lines = _LINE.split((yield from self._until(_END_OF_HEAD)))
        found = _STATUS.fullmatch(lines[0])
        if found is None or int(found[2]) == _SWITCHING:
            raise NotHttp
        headers = _headers(lines[1:])
        self._is_persistent = found[1] == b"1" and b"close" not in headers.get(b"connection", b"").lower()
        return int(found[2]), headers

    def _until(self, mark: re.Pattern[bytes]) -> Steps[bytes]:
        """What comes before ``mark``; both are taken away."""
        while (found := mark.search(self._buffer)) is None:
            if self._head_bytes + len(self._buffer) > MAX_HEAD_BYTES:
                raise NotHttp
            yield
        taken = bytes(self._buffer[: found.start()])
        del self._buffer[: found.end()]
        self._head_bytes += found.end()
        if self._head_bytes > MAX_HEAD_BYTES or b"\0" in taken:
            raise NotHttp
        return taken

    def _take(self, number: int) -> Steps[bool]:
        """Move as many bytes into the body; False when they are more than are kept."""
        while True:
            piece = self._buffer[:number]
            del self._buffer[:number]
            self.body += piece
            number -= len(piece)
            if len(self.body) > MAX_BODY_BYTES:
                del self.body[MAX_BODY_BYTES:]
                return False
            if not number:
                return True
            yield

    def _chunks(self) -> Steps[bool]:
        while True:
            size = _SIZE.fullmatch((yield from self._until(_LINE)))
            if size is None:
                raise NotHttp
            if not (number := int(size[1], 16)):
                break
            if not (yield from self._take(number)):
                return False
            if (yield from self._until(_LINE)):
                raise NotHttp
        while (yield from self._until(_LINE)):  # trailers
            continue
        return True


def _headers(lines: list[bytes]) -> dict[bytes, bytes]:
    """Names in lower case. Raises NotHttp, also where a length or a coding is said twice, and not the same."""
    headers: dict[bytes, bytes] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not _NAME.fullmatch(name):
            raise NotHttp
        name, value = name.lower(), value.strip(b" \t")
        known = headers.setdefault(name, value)
        if known != value and name in {b"content-length", b"transfer-encoding"}:
            raise NotHttp
        if known != value and name == b"connection":
            headers[name] = known + b"," + value
    return headers


def _frame(headers: dict[bytes, bytes]) -> tuple[bool, int | None]:
    """Whether the body comes in chunks, or its length; neither: it ends with the connection. Raises NotHttp."""
    coding, length = headers.get(b"transfer-encoding"), headers.get(b"content-length")
    if coding is not None:
        # Two ways to tell where it ends are one too many.
        if coding.lower() != b"chunked" or length is not None:
            raise NotHttp
        return True, None
    if length is None:
        return False, None
    if not _LENGTH.fullmatch(length):
        raise NotHttp
    return False, int(length)
