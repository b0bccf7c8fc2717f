"""What is known of an answer that did not come whole."""

import contextlib

import pytest

from scanforpay_django.transport.answer import NotHttp
from scanforpay_django.transport.answer_reader import AnswerReader

OK = b"HTTP/1.1 200 OK\r\n"

CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"220 ftp ready\r\n", None),
        (b"HTTP/1.1 50", None),
        (b"HTTP/1.1 503 Busy\r\nX: y", 503),
        (b"HTTP/1.1 503 Busy\r\nX: y\r\n\r\nbusy", 503),
        (b"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 503 Busy\r\n\r\n", 503),
        (OK + b"Content-Length: abc\r\n\r\nsuccess", 200),
        (CHUNKED + b"zz\r\n", 200),
    ],
)
def test_a_status_is_known_although_no_answer_comes_of_it(data: bytes, status: int | None) -> None:
    reader = AnswerReader()
    with contextlib.suppress(NotHttp):
        reader.feed(data)
    assert (reader.status_so_far, bytes(reader.received)) == (status, data)
