"""Reading an answer that llhttp refuses, as curl and browsers read it. Pure.

A PHP warning among the headers, ``Server : IIS`` and bare line feeds are faults of a merchant's server, and no
reason to call its "success" a failure. llhttp's own lenient flags do not reach as far: a line without a colon, a
blank before the colon, a blank in a chunk's extension and the end of chunks with bare line feeds stay errors.

What says where the body ends is never dropped, only read as it is meant. A connection that was read like this must
not be kept: a peer that writes heads of its own kind may end its bodies in its own way too.
"""

import re
import sys
from collections.abc import Generator, Iterator
from typing import TypeVar

from scanforpay_django.transport.answer import MAX_ANSWER_BYTES, STATUS_LINE, Answer, NotHttp

_LENIENT_BEGIN = b"http/"
_BLANKS = b" \t"
# Digits in front are the length, as curl reads it: "+7", "7, 7" and "7;" are in use.
_LENGTH = re.compile(rb"\+?([0-9]+)")
# More digits than any length has: such a body ends with the connection, as it does for curl.
_MAX_DIGITS = 18
# Behind the size stand extensions (RFC 9112, 7.1.1), blanks, or what curl does not look at either.
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}(?![0-9A-Fa-f])")
_WITHOUT_BODY = frozenset({204, 304})
_SWITCHING = 101

_Part = TypeVar("_Part")
#: a step that waits for more bytes at each yield
Steps = Generator[None, None, _Part]


class LenientReader:
    """Fills an answer from what has come and what is fed. Every byte is looked at once."""

    __slots__ = ("_answer", "_buffer", "_looked_at", "_steps")

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._buffer = bytearray()
        self._looked_at = 0
        self._steps = self._read()

    def feed(self, data: bytes | bytearray | memoryview) -> bool:
        """Take the next piece; whether the answer is over. Raises NotHttp."""
        self._buffer += data
        try:
            next(self._steps)
        except StopIteration:
            return True
        return False

    def _read(self) -> Steps[None]:
        answer = self._answer
        status, headers = yield from self._head()
        while status < 200 and status != _SWITCHING:
            status, headers = yield from self._head()
        answer.status = status
        if status == _SWITCHING:
            raise NotHttp
        answer.retry_after = next(iter(headers.get(b"retry-after", [])), b"")
        if status in _WITHOUT_BODY:
            answer.is_whole = True
        # RFC 9112, 6.3: with both, Transfer-Encoding says where the body ends.
        elif _is_chunked(headers.get(b"transfer-encoding", [])):
            answer.is_whole = yield from self._chunks()
        else:
            length = _length(headers.get(b"content-length", []))
            answer.ends_with_connection = length is None
            answer.is_whole = yield from self._take(sys.maxsize if length is None else length)

    def _line(self) -> Steps[bytes]:
        """The next line without its end: RFC 9112, 2.2 lets a line feed alone be one."""
        while (end := self._buffer.find(b"\n", self._looked_at)) < 0:
            self._looked_at = len(self._buffer)
            yield
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._looked_at = 0
        if b"\0" in line:
            raise NotHttp
        return line.rstrip(b"\r")

    def _head(self) -> Steps[tuple[int, dict[bytes, list[bytes]]]]:
        """A status, and the values of each header by its name in lower case."""
        yield from self._begin()
        found = STATUS_LINE.match((yield from self._line()))
        if found is None:
            raise NotHttp
        lines = []
        while line := (yield from self._line()):
            lines.append(line)
        headers: dict[bytes, list[bytes]] = {}
        for line in _unfolded(lines):
            name, colon, value = line.partition(b":")
            if colon:
                headers.setdefault(name.strip(_BLANKS).lower(), []).append(value.strip(_BLANKS))
        return int(found[1]), headers

    def _begin(self) -> Steps[None]:
        """What cannot become HTTP is refused before its line ends, for it may never end."""
        while True:
            while self._buffer.startswith((b"\r", b"\n")):
                del self._buffer[:1]
            begin = self._buffer[: len(_LENIENT_BEGIN)].lower()
            if begin == _LENIENT_BEGIN:
                return
            if not _LENIENT_BEGIN.startswith(begin):
                raise NotHttp
            yield

    def _take(self, number: int) -> Steps[bool]:
        """Move as many bytes into the body; False when they are more than are kept."""
        body = self._answer.body
        while True:
            piece = self._buffer[:number]
            del self._buffer[:number]
            body += piece
            number -= len(piece)
            if len(body) > MAX_ANSWER_BYTES:
                return False
            if not number:
                return True
            yield

    def _chunks(self) -> Steps[bool]:
        while True:
            size = _CHUNK_SIZE.match((yield from self._line()))
            if size is None:
                raise NotHttp
            if not (number := int(size[0], 16)):
                break
            if not (yield from self._take(number)):
                return False
            if (yield from self._line()):
                raise NotHttp
        while (yield from self._line()):  # trailers
            continue
        return True


def _unfolded(lines: list[bytes]) -> Iterator[bytes]:
    """Header lines, each with the lines that continue it (RFC 9112, 5.2); one that continues nothing is dropped."""
    whole = b""
    for line in lines:
        if not line.startswith((b" ", b"\t")):
            yield whole
            whole = line
        elif whole:
            whole += b" " + line.strip(_BLANKS)
    yield whole


def _is_chunked(values: list[bytes]) -> bool:
    """Whether the body comes in chunks. Raises NotHttp for a coding that would have to be undone."""
    codings = {coding.strip(_BLANKS).lower() for value in values for coding in value.split(b",")}
    if codings - {b"", b"identity", b"chunked"}:
        raise NotHttp
    return b"chunked" in codings


def _length(values: list[bytes]) -> int | None:
    """The body's length; None when it ends with the connection. Raises NotHttp.

    Of several the last one counts, as it does for curl.
    """
    length = None
    for value in values:
        found = _LENGTH.match(value)
        if found is None:
            raise NotHttp
        length = int(found[1]) if len(found[1]) <= _MAX_DIGITS else None
    return length
