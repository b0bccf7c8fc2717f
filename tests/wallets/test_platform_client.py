"""What a wallet's calls make of transport's errors and of odd answers."""

import io

import pytest

from scanforpay_django.exceptions import PlatformError, PlatformTimeout, PlatformUnreachable
from scanforpay_django.wallets.platform_client import (
    FileClient,
    PlatformClient,
    origin,
    parse_object,
    read_key,
)
from tests.transport.zoo import Zoo, closed_port, whole

pytestmark = pytest.mark.sqlite


def test_nothing_was_sent_to_a_platform_that_refuses_the_connection() -> None:
    url = f"http://127.0.0.1:{closed_port()}/"
    with pytest.raises(PlatformUnreachable):
        PlatformClient([url]).call("GET", url, {})


def test_the_outcome_of_an_answer_that_breaks_off_is_unknown(zoo: Zoo) -> None:
    url = zoo.answering(b"HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n{")
    with pytest.raises(PlatformTimeout):
        PlatformClient([url]).call("POST", url, {}, b"{}")


def test_a_file_is_not_held_in_memory(zoo: Zoo) -> None:
    url = zoo.answering(whole(b"a,b" * 1000))
    into = io.BytesIO(b"x" * 9000)
    answer = FileClient([url]).download(url, {}, into)
    assert (answer.status, answer.body, into.getvalue()) == (200, b"", b"a,b" * 1000)


def test_a_refusal_of_a_file_is_an_answer(zoo: Zoo) -> None:
    url = zoo.answering(whole(b'{"code":"X"}', b"400 Bad Request"))
    into = io.BytesIO()
    answer = FileClient([url]).download(url, {}, into)
    assert (answer.status, answer.body, into.getvalue()) == (400, b'{"code":"X"}', b"")


def test_a_file_that_breaks_off_or_cannot_be_reached(zoo: Zoo) -> None:
    url = zoo.answering(b"HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\na,b")
    with pytest.raises(PlatformTimeout):
        FileClient([url]).download(url, {}, io.BytesIO())
    with pytest.raises(PlatformUnreachable):
        FileClient([url]).download(f"http://127.0.0.1:{closed_port()}/", {}, io.BytesIO())


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"[" * 100_000])
def test_an_answer_that_is_no_object_is_an_error_of_the_platform(body: bytes) -> None:
    with pytest.raises(PlatformError):
        parse_object(body)


def test_a_key_that_does_not_read_is_an_error_of_the_account() -> None:
    with pytest.raises(PlatformError, match="missing or does not read"):
        read_key(int, "x")
    assert origin("https://api.example:8443/v3?x=1") == "https://api.example:8443"
