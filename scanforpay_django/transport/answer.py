"""What is known of an HTTP answer, how much of it is kept, and the ways in which it can fail."""

import re

MAX_ANSWER_BYTES = 4096
#: of all that is not body: informational answers, the answer's own head, chunk sizes, trailers
MAX_HEAD_BYTES = 16384

# As curl reads it: blanks before the status, whatever follows it. "HTTP/2" is what some proxies write into an
# HTTP/1.1 answer.
STATUS_LINE = re.compile(rb"HTTP/(?:1\.[01]|2(?:\.0)?) +([1-9][0-9][0-9])(?![0-9])", re.IGNORECASE)


class NotHttp(Exception):
    """What came is no answer."""


class CutShort(Exception):
    """The connection ended inside an answer."""


class Unanswered(Exception):
    """The connection ended before the first byte of an answer."""


class Answer:
    """An answer as far as it has been read."""

    __slots__ = (
        "body",
        "ends_with_connection",
        "is_whole",
        "may_be_kept",
        "received",
        "retry_after",
        "status",
    )

    def __init__(self) -> None:
        #: 0 until the final head has been read; informational answers do not count
        self.status = 0
        #: the first MAX_ANSWER_BYTES
        self.body = bytearray()
        #: whether that is all of it
        self.is_whole = False
        #: whether the end of the connection is the end of the body
        self.ends_with_connection = False
        #: whether the connection may serve again
        self.may_be_kept = False
        self.retry_after = b""
        #: every byte that came
        self.received = bytearray()

    @property
    def status_so_far(self) -> int | None:
        """The status that was read, also where the rest of the answer was refused or never came."""
        if self.status:
            return self.status
        found = STATUS_LINE.match(self.received)
        return int(found[1]) if found else None
