"""Answers of servers that do not write HTTP to the letter: what curl reads as "success" is read so here too."""

import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from scanforpay_django.transport.answer import CutShort, NotHttp
from scanforpay_django.transport.answer_reader import AnswerReader
from tests.transport.zoo import Zoo, read_request

OK = b"HTTP/1.1 200 OK\r\n"
LENGTH = b"Content-Length: 7\r\n"
REST = LENGTH + b"\r\nsuccess"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNKS = b"\r\n7\r\nsuccess\r\n0\r\n\r\n"


@dataclass(frozen=True, kw_only=True)
class Read:
    """What comes of the bytes of an answer."""

    status: int = 200
    body: bytes = b"success"
    is_kept: bool = False


KEPT, READ = Read(is_kept=True), Read()
# None: no answer
ANSWERS: dict[str, tuple[bytes, Read | None]] = {
    "to the letter": (OK + REST, KEPT),
    "to the letter, in chunks": (CHUNKED + CHUNKS[2:], KEPT),
    # lines among the headers
    "a PHP warning": (OK + b"PHP Warning:  Undefined array key 1 in /srv/n.php on line 3\r\n" + REST, READ),
    "a PHP warning in HTML": (OK + b"<br />\r\n<b>Warning</b>:  x in <b>/srv/n.php</b><br />\r\n" + REST, READ),
    "a line without a colon": (OK + b"garbage\r\n" + REST, READ),
    "a quoted line": (OK + b'"X-Powered-By: PHP"\r\n' + REST, READ),
    "a blank before the colon": (OK + b"Server : IIS\r\n" + REST, READ),
    "a blank in the name": (OK + b"Bad Name: x\r\n" + REST, READ),
    "no name": (OK + b": x\r\n" + REST, READ),
    "a Chinese name": (OK + "名: x\r\n".encode() + REST, READ),
    "a Chinese value": (OK + "X: 值\r\n".encode() + REST, KEPT),
    "a control character": (OK + b"X: \1\r\n" + REST, READ),
    "a zero byte": (OK + b"X: \0\r\n" + REST, None),
    "a folded line": (OK + b"X: a\r\n b\r\n\tc\r\n" + REST, READ),
    "a fold of nothing": (OK + b" Content-Length: 3\r\n" + REST, READ),
    # ends of lines
    "line feeds alone": (b"HTTP/1.1 200 OK\nContent-Length: 7\n\nsuccess", READ),
    "a line feed alone at the end": (OK + b"Content-Length: 7\r\n\nsuccess", READ),
    "two returns": (OK + b"Content-Length: 7\r\r\n\r\r\nsuccess", READ),
    "a return in a value": (OK + b"X: a\rb\r\n" + REST, READ),
    # Content-Length
    "a blank before the length's colon": (OK + b"Content-Length : 7\r\n\r\nsuccess", READ),
    "the length in the next line": (OK + b"Content-Length:\r\n 7\r\n\r\nsuccess", READ),
    "the same length twice": (OK + LENGTH + REST, READ),
    "the same length twice in a line": (OK + b"Content-Length: 7, 7\r\n\r\nsuccess", READ),
    "two lengths, the last one right": (OK + b"Content-Length: 3\r\n" + REST, READ),
    "two lengths, the first one right": (OK + LENGTH + b"Content-Length: 3\r\n\r\nsuccess", Read(body=b"suc")),
    "a length with a sign": (OK + b"Content-Length: +7\r\n\r\nsuccess", READ),
    "a length with a semicolon": (OK + b"Content-Length: 7;\r\n\r\nsuccess", READ),
    "a length with a fraction": (OK + b"Content-Length: 7.0\r\n\r\nsuccess", READ),
    "a length below zero": (OK + b"Content-Length: -1\r\n\r\nsuccess", None),
    "a length without digits": (OK + b"Content-Length: abc\r\n\r\nsuccess", None),
    "an empty length": (OK + b"Content-Length:\r\n\r\nsuccess", None),
    "a length beyond all": (OK + b"Content-Length: 99999999999999999999\r\n\r\nsuccess", READ),
    "a length of 64 bits": (OK + b"Content-Length: 18446744073709551615\r\n\r\nsuccess", READ),
    # Transfer-Encoding
    "a blank before the coding's colon": (OK + b"Transfer-Encoding : chunked\r\n" + CHUNKS, READ),
    "the coding in the next line": (OK + b"Transfer-Encoding:\r\n\tchunked\r\n" + CHUNKS, READ),
    "the coding in capitals": (OK + b"TRANSFER-ENCODING: Chunked\r\n" + CHUNKS, KEPT),
    "a length and chunks": (OK + LENGTH + b"Transfer-Encoding: chunked\r\n" + CHUNKS, READ),
    "chunks and a wrong length": (OK + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n" + CHUNKS, READ),
    "chunked, chunked": (OK + b"Transfer-Encoding: chunked, chunked\r\n" + CHUNKS, READ),
    "identity, chunked": (OK + b"Transfer-Encoding: identity, chunked\r\n" + CHUNKS, READ),
    "chunked, identity": (OK + b"Transfer-Encoding: chunked, identity\r\n" + CHUNKS, READ),
    "identity": (OK + b"Transfer-Encoding: identity\r\n" + REST, READ),
    "identity until the end": (OK + b"Transfer-Encoding: identity\r\n\r\nsuccess", READ),
    "no coding": (OK + b"Transfer-Encoding:\r\n" + REST, READ),
    "gzip": (OK + b"Transfer-Encoding: gzip, chunked\r\n" + CHUNKS, None),
    "an unknown coding": (OK + b"Transfer-Encoding: utf-8\r\n" + REST, None),
    "chunks of HTTP/1.0": (b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n" + CHUNKS, READ),
    # chunks
    "an extension": (CHUNKED + b"7;a=b\r\nsuccess\r\n0\r\n\r\n", KEPT),
    "an extension with blanks": (CHUNKED + b"7 ; a = b\r\nsuccess\r\n0\r\n\r\n", READ),
    "an empty extension": (CHUNKED + b"7;\r\nsuccess\r\n0\r\n\r\n", READ),
    "blanks behind a size": (CHUNKED + b"7  \r\nsuccess\r\n0  \r\n\r\n", READ),
    "a word behind a size": (CHUNKED + b"7 bytes\r\nsuccess\r\n0\r\n\r\n", READ),
    "chunks with line feeds alone": (CHUNKED + b"7\nsuccess\n0\n\n", READ),
    "a malformed trailer": (CHUNKED + b"7\r\nsuccess\r\n0\r\ngarbage\r\n\r\n", READ),
    "a trailer with a blank": (CHUNKED + b"7\r\nsuccess\r\n0\r\nX : y\r\n\r\n", READ),
    "no size": (CHUNKED + b"success", None),
    "a longer chunk than its size": (CHUNKED + b"7\r\nsuccess!\r\n0\r\n\r\n", None),
    "no last chunk": (CHUNKED + b"7\r\nsuccess\r\n", None),
    # the first line
    "a line before": (b"\r\n" + OK + REST, READ),
    "lower case": (b"http/1.1 200 OK\r\n" + REST, READ),
    "two blanks": (b"HTTP/1.1  200 OK\r\n" + REST, READ),
    "no blank": (b"HTTP/1.1 200OK\r\n" + REST, READ),
    "no words": (b"HTTP/1.1 200\r\n" + REST, KEPT),
    "Chinese words": ("HTTP/1.1 200 成功\r\n".encode() + REST, KEPT),
    "HTTP/2": (b"HTTP/2 200\r\n" + REST, READ),
    "HTTP/2.0": (b"HTTP/2.0 200 OK\r\n" + REST, READ),
    "HTTP/1.2": (b"HTTP/1.2 200 OK\r\n" + REST, None),
    "four digits": (b"HTTP/1.1 2000 OK\r\n" + REST, None),
    "no first line": (b"success", None),
    # answers before the answer
    "an old one to go on": (b"HTTP/1.0 100 Continue\r\n\r\n" + OK + REST, READ),
    "one to go on and close": (b"HTTP/1.1 100 Continue\r\nConnection: close\r\n\r\n" + OK + REST, READ),
    "some of a length": (
        b"HTTP/1.1 100 Continue\r\n" + LENGTH + b"\r\nHTTP/1.1 103 Hints\r\n" + LENGTH + b"\r\n" + OK + REST,
        KEPT,
    ),
    "some in chunks": (b"HTTP/1.1 102 Wait\r\nTransfer-Encoding: chunked\r\n\r\n" + OK + REST, KEPT),
    "one of a number of its own": (
        b"HTTP/1.1 199 Wait\r\nContent-Length: 60\r\n\r\n" + OK + b"X: y\r\n" * 20 + REST,
        READ,
    ),
    "a malformed one": (b"HTTP/1.1 103 Hints\r\ngarbage\r\n\r\n" + OK + REST, READ),
    # what stands where no body can be
    "204 of a length": (b"HTTP/1.1 204 No Content\r\ngarbage\r\n" + LENGTH + b"\r\n", Read(status=204, body=b"")),
    # ends
    "until the end": (OK + b"\r\nsuccess", READ),
    "until the end, with a line feed alone": (b"HTTP/1.1 200 OK\n\nsuccess", READ),
    "cut short": (OK + b"garbage\r\nContent-Length: 9\r\n\r\nsuccess", None),
    "more than the answer": (OK + b"garbage\r\n" + REST + OK + b"Content-Length: 4\r\n\r\nfail", READ),
}  # fmt: skip


def read(data: bytes, size: int) -> Read | None:
    """What is read of ``data`` in pieces of ``size`` bytes, with the connection's end behind it."""
    reader = AnswerReader()
    try:
        if not any(reader.feed(data[at : at + size]) for at in range(0, len(data), size)):
            reader.end()
    except (NotHttp, CutShort):
        return None
    assert reader.is_whole
    return Read(status=reader.status, body=bytes(reader.body), is_kept=reader.may_be_kept)


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("size", [100_000, 1, 2, 3, 7])
def test_answers_are_read_as_they_are_meant(name: str, size: int) -> None:
    data, expected = ANSWERS[name]
    assert read(data, size) == expected


@pytest.mark.curl
@pytest.mark.parametrize("name", ANSWERS)
def test_what_curl_reads_as_success_is_no_failure(name: str, zoo: Zoo, tmp_path: Path) -> None:
    data, expected = ANSWERS[name]

    def serve(connection: object, _stop: threading.Event) -> None:
        read_request(connection)  # type: ignore[arg-type]
        connection.sendall(data)  # type: ignore[attr-defined]

    body = tmp_path / "body"
    command = [
        "curl",
        "-q",
        "-s",
        "--noproxy",
        "*",
        "--max-time",
        "20",
        "-d",
        "{}",
        "-o",
        str(body),
        "-w",
        "%{http_code}",
    ]
    done = subprocess.run([*command, zoo.cage(serve)], capture_output=True, text=True, timeout=30)
    if (done.returncode, done.stdout) == (0, "200") and body.exists() and body.read_bytes() == b"success":
        assert expected in (READ, KEPT)


def test_a_retry_after_is_read_of_a_malformed_head() -> None:
    reader = AnswerReader()
    assert reader.feed(b"HTTP/1.1 503 Busy\r\ngarbage\r\nRetry-After : 120\r\nContent-Length: 0\r\n\r\n")
    assert (reader.status, reader.retry_after) == (503, b"120")


@pytest.mark.parametrize("begin", [b"\r\n", b"Transfer-Encoding: chunked\r\n\r\nffff\r\n"])
def test_a_long_answer_is_cut_here_too(begin: bytes) -> None:
    reader = AnswerReader()
    assert reader.feed(OK + b"garbage\r\n" + begin + b"s" * 5000)
    assert (len(reader.body), reader.is_whole, reader.may_be_kept) == (4096, False, False)


@pytest.mark.parametrize("endless", [b"garbage\r\n", b"HTTP/1.1 100 C\r\ngarbage\r\n\r\n", b"x" * 50])
def test_nothing_is_endless_here_either(endless: bytes) -> None:
    reader = AnswerReader()
    with pytest.raises(NotHttp):
        [reader.feed(piece) for piece in [b"HTTP/1.1 102 P\r\ngarbage\r\n\r\n", *[endless] * 10_000]]
    assert len(reader.received) < 20_000
