"""The reader of answers: the same whatever pieces it comes in, nothing odd is an answer, nothing is endless."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanforpay_django.transport.answer import MAX_ANSWER_BYTES, MAX_HEAD_BYTES, CutShort, NotHttp, Unanswered
from scanforpay_django.transport.answer_reader import AnswerReader

OK = b"HTTP/1.1 200 OK\r\n"

CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def read(data: bytes, *, ends: bool = False, size: int = 0) -> AnswerReader:
    """What was read of ``data``, given in pieces of ``size`` bytes; ``ends``: then the connection ended."""
    reader = AnswerReader()
    is_over = False
    for at in range(0, len(data), size or len(data)):
        assert not is_over
        is_over = reader.feed(data[at : at + (size or len(data))])
    if ends:
        assert not is_over
        reader.end()
    else:
        assert is_over
    return reader


WHOLE = {
    "length": (OK + b"Content-Length: 7\r\n\r\nsuccess", 200, b"success", True),
    "chunks": (CHUNKED + b"3\r\nsuc\r\n4;x=y\r\ncess\r\n0\r\nTrailer: 1\r\n\r\n", 200, b"success", True),
    "no body": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", True),
    "empty": (OK + b"content-length: 0\r\n\r\n", 200, b"", True),
    "no reason": (b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", 200, b"x", True),
    "told to go on first": (
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
            b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno"
        ),
        500,
        b"no",
        True,
    ),
    "to be closed": (OK + b"Connection: Close\r\nContent-Length: 2\r\n\r\nok", 200, b"ok", False),
    "to be closed, said second": (
        OK + b"Connection: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        200,
        b"ok",
        False,
    ),
    "old": (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, b"ok", False),
    "old, to be kept": (
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
        200,
        b"ok",
        True,
    ),
    "HTTP/2 is on offer": (
        OK + b"Upgrade: h2,h2c\r\nConnection: Upgrade, Keep-Alive\r\nContent-Length: 2\r\n\r\nok",
        200,
        b"ok",
        True,
    ),
}


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("size", [0, 1, 2, 3, 7])
def test_an_answer_is_the_same_in_any_pieces(name: str, size: int) -> None:
    data, status, body, is_kept = WHOLE[name]
    reader = read(data, size=size)
    assert (reader.status, bytes(reader.body), reader.is_whole) == (status, body, True)
    assert reader.may_be_kept == is_kept


def test_more_than_the_answer_ends_the_connection() -> None:
    """What follows must never become the answer to the next message."""
    for behind in (OK + b"Content-Length: 7\r\n\r\nsuccess", b"success", b"\r\n", b"\n", b"\0"):
        for answer in (OK + b"Content-Length: 2\r\n\r\nok", CHUNKED + b"2\r\nok\r\n0\r\n\r\n"):
            reader = read(answer + behind)
            assert (reader.status, bytes(reader.body)) == (200, b"ok")
            assert (reader.is_whole, reader.may_be_kept) == (True, False)


def test_an_answer_may_end_with_its_connection() -> None:
    reader = read(OK + b"\r\nsuccess", ends=True)
    assert (bytes(reader.body), reader.is_whole, reader.may_be_kept) == (b"success", True, False)


@pytest.mark.parametrize(
    "begin", [OK + b"\r\n", CHUNKED + b"ffff\r\n", OK + b"Content-Length: 99999999\r\n\r\n"]
)
def test_a_long_answer_is_cut(begin: bytes) -> None:
    reader = read(begin + b"s" * 5000)
    assert (len(reader.body), reader.is_whole, reader.may_be_kept) == (MAX_ANSWER_BYTES, False, False)


def test_the_connections_end_does_not_make_a_cut_answer_whole() -> None:
    reader = read(OK + b"\r\n" + b"s" * 5000)
    with pytest.raises(CutShort):
        reader.end()
    assert not reader.is_whole


def test_an_answer_as_long_as_what_is_kept_is_whole() -> None:
    assert read(OK + b"Content-Length: 4096\r\n\r\n" + b"s" * 4096).is_whole


@pytest.mark.parametrize(
    "data",
    [
        b"220 ftp ready\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 000 OK\r\n\r\n",
        b"HTTP/3 200 OK\r\n\r\n",
        b"RTSP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        OK + b"X: \0\r\n\r\n",
        OK + b"no colon\r\nX: \0\r\n\r\n",
        OK + b"Content-Length: -1\r\n\r\n",
        OK + b"Content-Length: abc\r\n\r\n",
        OK + b"Content-Length:\r\n\r\n",
        OK + b"Content-Length: \xb2\r\n\r\n",
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
        CHUNKED + b"zz\r\n",
        CHUNKED + b"-1\r\n",
        CHUNKED + b"7\r\nsuccess!\r\n",
        CHUNKED + b"1;" + b"x" * 20000,
        OK + b"X: " + b"x" * 20000,
        OK + b"X: y\r\n" * 4000,
        OK + b"no colon\r\n" * 4000,
        OK + b"no colon" * 4000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 1000,
        CHUNKED + b"0\r\n" + b"X: y\r\n" * 4000,
    ],
)
def test_what_is_odd_or_endless_is_no_answer(data: bytes) -> None:
    with pytest.raises(NotHttp):
        AnswerReader().feed(data)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", Unanswered),
        (b"HTTP/1.1 2", CutShort),
        (b"HTTP/1.1 100 Continue\r\n\r\n", CutShort),
        (OK + b"Content-Length: 70\r\n\r\nsuccess", CutShort),
        (CHUNKED + b"7\r\nsuccess\r\n", CutShort),
        (OK, CutShort),
        (OK + b"no colon\r\n", CutShort),
        (OK + b"no colon\r\nContent-Length: 70\r\n\r\nsuccess", CutShort),
    ],
)
def test_an_end_inside_an_answer_is_none(data: bytes, error: type[Exception]) -> None:
    reader = AnswerReader()
    assert not reader.feed(data)
    with pytest.raises(error):
        reader.end()


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([OK, CHUNKED, b"\r\n", b"7\r\n", b"success", b"0", b"HTTP/1.1 100 C\r\n\r\n", b"\0"])
             | st.binary(max_size=40), max_size=12)
)  # fmt: skip
def test_whatever_comes_it_is_read_or_refused(pieces: list[bytes]) -> None:
    reader = AnswerReader()
    try:
        for piece in pieces:
            if reader.feed(piece):
                break
        else:
            reader.end()
    except (NotHttp, CutShort, Unanswered):
        assert not reader.may_be_kept
    assert len(reader.body) <= MAX_ANSWER_BYTES


def test_no_peer_makes_it_remember_more_than_its_limits() -> None:
    reader = AnswerReader()
    flood = b"HTTP/1.1 102 Processing\r\nX: y\r\n\r\n" * 20
    with pytest.raises(NotHttp):
        [reader.feed(flood) for _ in range(10_000)]
    assert len(reader.received) <= MAX_HEAD_BYTES + 20 * 40
