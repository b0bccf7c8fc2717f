"""Each call to a platform is reported, with what went wrong."""

import socket
import threading
from collections.abc import Iterator

import pytest

from scanforpay_django.exceptions import PlatformError, PlatformTimeout, PlatformUnreachable
from scanforpay_django.wallets.platform_calls import PlatformCall, platform_called
from scanforpay_django.wallets.platform_client import PlatformClient
from tests.transport.zoo import Zoo, closes_unanswered, read_request, whole


@pytest.fixture
def calls() -> Iterator[list[PlatformCall]]:
    seen: list[PlatformCall] = []

    def receive(*, call: PlatformCall, **_signal: object) -> None:
        seen.append(call)

    platform_called.connect(receive)
    yield seen
    platform_called.disconnect(receive)


@pytest.mark.parametrize(
    ("status", "error"),
    [(200, ""), (400, ""), (404, ""), (429, "HTTP 429"), (500, "HTTP 500"), (503, "HTTP 503")],
)
def test_a_refusal_is_an_answer_and_a_failure_is_none(
    zoo: Zoo, calls: list[PlatformCall], status: int, error: str
) -> None:
    def answers(connection: socket.socket, _stop: threading.Event) -> None:
        read_request(connection)
        connection.sendall(whole(b"{}", b"%d Said" % status))

    url = zoo.cage(answers)
    PlatformClient([url], wallet="wechat").call("GET", url, {})
    (call,) = calls
    assert (call.wallet, call.host, call.error) == ("wechat", url.split("/")[2], error)
    assert call.milliseconds is not None
    assert call.milliseconds >= 0


def test_who_cannot_be_reached_and_who_does_not_answer(zoo: Zoo, calls: list[PlatformCall]) -> None:
    nobody, torn = "http://127.0.0.1:9/", zoo.cage(closes_unanswered)
    client = PlatformClient([nobody, torn], wallet="wechat")
    with pytest.raises(PlatformUnreachable):
        client.call("GET", nobody, {})
    with pytest.raises(PlatformTimeout):
        client.call("GET", torn, {})
    assert [bool(call.error) for call in calls] == [True, True]


def test_a_failing_receiver_fails_no_call(zoo: Zoo) -> None:
    def fail(**_signal: object) -> None:
        raise PlatformError("of the receiver")

    platform_called.connect(fail)
    try:
        url = zoo.answering(b"{}")
        assert PlatformClient([url], wallet="wechat").call("GET", url, {}).status == 200
    finally:
        platform_called.disconnect(fail)


def test_a_failure_in_a_good_answer_is_counted_with_it(calls: list[PlatformCall]) -> None:
    PlatformClient([], wallet="alipay").report_error("https://gateway.example/gateway.do", "ACQ.SYSTEM_ERROR")
    assert calls == [
        PlatformCall(wallet="alipay", host="gateway.example", milliseconds=None, error="ACQ.SYSTEM_ERROR")
    ]
