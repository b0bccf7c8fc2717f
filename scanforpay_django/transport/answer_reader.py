"""Reading an HTTP/1.1 answer from the pieces in which it arrives, as much of it as is kept. Pure.

llhttp reads it to the letter; what it refuses is read once more, leniently. The number of bytes is bounded
everywhere, in informational answers and trailers too: a peer that talks for ever is cut off.
"""

from httptools import HttpParserError, HttpResponseParser

from scanforpay_django.transport.answer import (
    MAX_ANSWER_BYTES,
    MAX_HEAD_BYTES,
    Answer,
    CutShort,
    NotHttp,
    Unanswered,
)
from scanforpay_django.transport.lenient_reader import LenientReader

_BEGIN = b"HTTP/1."
_FINAL = 200
# Those that llhttp knows to have no body, whatever their headers say.
_INFORMATIONAL = frozenset({100, 102, 103})
_MAX_LENGTH_DIGITS = 18


class _Refused(Exception):
    """llhttp would take it, and would not read it as curl does."""


class AnswerReader(Answer):
    """One answer to a POST. Feed it until it says that the answer is over."""

    __slots__ = ("_is_persistent", "_lenient", "_parser")

    def __init__(self) -> None:
        super().__init__()
        # of an answer that is whole
        self._is_persistent = False
        self._lenient: LenientReader | None = None
        self._parser = HttpResponseParser(self)

    def feed(self, data: bytes | memoryview) -> bool:
        """Take the next piece; whether the answer is over. Raises NotHttp."""
        self.received += data
        is_over = self._feed_strictly(data) if self._lenient is None else self._lenient.feed(data)
        if len(self.body) > MAX_ANSWER_BYTES:
            del self.body[MAX_ANSWER_BYTES:]
            self.is_whole = self.may_be_kept = False
            is_over = True
        if is_over:
            self.ends_with_connection = False
        elif len(self.received) - len(self.body) > MAX_HEAD_BYTES:
            raise NotHttp
        return is_over

    def end(self) -> None:
        """The connection has ended. Raises Unanswered or CutShort unless that is how this answer ends."""
        if self.status and self.ends_with_connection:
            self.is_whole = True
        else:
            raise CutShort if self.received else Unanswered

    def _feed_strictly(self, data: bytes | memoryview) -> bool:
        """The last byte goes alone: only an answer that is whole with it, and not before, has nothing behind it."""
        try:
            self._parser.feed_data(data[:-1])
            if not self.is_whole:
                self._parser.feed_data(data[-1:])
                self.may_be_kept = self._is_persistent
        except HttpParserError:
            # What stands behind a whole answer is not ours to read.
            if not self.is_whole:
                return self._read_again()
        if self.is_whole:
            # They hold each other.
            del self._parser
        return self.is_whole

    def _read_again(self) -> bool:
        del self._parser
        self.status, self.retry_after, self.ends_with_connection = 0, b"", False
        self.body.clear()
        self._lenient = LenientReader(self)
        return self._lenient.feed(self.received)

    # What llhttp calls; an exception stops it ------------------------------------------------------

    def on_message_begin(self) -> None:
        """An informational answer, the answer itself, or what stands behind it."""
        if self.is_whole:
            raise _Refused
        self.retry_after = b""
        self.ends_with_connection = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Trailers come here too."""
        name = name.lower()
        if name == b"content-length":
            if len(value) > _MAX_LENGTH_DIGITS:
                raise _Refused
            self.ends_with_connection = False
        elif name == b"transfer-encoding":
            # "chunked, identity" is no body in chunks for llhttp, and is one for curl.
            if value.lower() != b"chunked":
                raise _Refused
            self.ends_with_connection = False
        elif name == b"retry-after":
            self.retry_after = value.strip()

    def on_headers_complete(self) -> None:
        """llhttp also knows RTSP, and statuses from 000."""
        status = self._parser.get_status_code()
        if not self.received.startswith(_BEGIN):
            raise _Refused
        if status >= _FINAL:
            self.status = status
        elif status not in _INFORMATIONAL:
            raise _Refused

    def on_body(self, piece: bytes) -> None:
        self.body += piece

    def on_message_complete(self) -> None:
        if self.status:
            self.is_whole = True
            # Afterwards llhttp has forgotten it.
            self._is_persistent = self._parser.should_keep_alive()
