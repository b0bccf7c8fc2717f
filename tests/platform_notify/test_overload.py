"""What has waited too long is refused before anything is done for it."""

import socket
import time
from typing import Any

import pytest
from django.test import Client, RequestFactory

from scanforpay_django.models import Order, PlatformNotification
from scanforpay_django.platform_notify import overload
from tests.merchant import Merchant
from tests.platform import WeChatNotice, accepted, merchant, open_payment

__all__ = ["merchant"]


def start(seconds_ago: float, prefix: str = "t=") -> str:
    return f"{prefix}{time.time() - seconds_ago:.3f}"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("prefix", ["t=", ""])
def test_a_late_message_is_refused_and_applied_when_it_is_said_again(merchant: Merchant, prefix: str) -> None:
    payment = open_payment(merchant, "Wechat")
    notice = WeChatNotice(payment)
    late = Client(headers={"X-Request-Start": start(3.5, prefix)})
    assert notice.send(client=late).status_code == 503
    assert not PlatformNotification.objects.exists()
    assert accepted("Wechat", notice.send(client=Client(headers={"X-Request-Start": start(0, prefix)})))
    assert Order.objects.get().state == "paid"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("header", ["", "t=", "soon", "t=nan", "t=1e309", "t=-5", -3600, 7200])
def test_a_header_that_cannot_be_right_refuses_nothing(merchant: Merchant, header: str | int) -> None:
    said = start(header) if isinstance(header, int) else header
    notice = WeChatNotice(open_payment(merchant, "Wechat"))
    assert accepted("Wechat", notice.send(client=Client(headers={"X-Request-Start": said})))


def request_over(connection: object) -> Any:
    request = RequestFactory().post("/")
    request.META["gunicorn.socket"] = connection
    return request


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="needs Linux: other systems do not tell")
def test_the_socket_tells_how_long_the_call_has_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        taken, _address = server.accept()
        with taken:
            client.sendall(b"POST")
            time.sleep(0.3)
            monkeypatch.setattr(overload, "LONGEST_WAIT_SECONDS", 0.2)
            assert overload.has_waited_too_long(request_over(taken))
            monkeypatch.setattr(overload, "LONGEST_WAIT_SECONDS", 60)
            assert not overload.has_waited_too_long(request_over(taken))


def test_another_kind_of_socket_refuses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overload, "LONGEST_WAIT_SECONDS", -1)
    one, other = socket.socketpair(socket.AF_UNIX)
    with one, other:
        assert not overload.has_waited_too_long(request_over(one))
    assert not overload.has_waited_too_long(request_over(object()))
    assert not overload.has_waited_too_long(request_over(None))


@pytest.mark.django_db(transaction=True)
def test_a_proxy_whose_clock_is_slow_keeps_no_message_out(
    merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every message seems late, and goes on seeming late however few there are."""
    monkeypatch.setattr(overload, "_LONGEST_OVERLOAD_SECONDS", 0)
    notice = WeChatNotice(open_payment(merchant, "Wechat"))
    answers = [notice.send(client=Client(headers={"X-Request-Start": start(10)})) for _ in range(4)]
    assert [one.status_code for one in answers].count(503) == 2
    assert Order.objects.get().state == "paid"
    # One in time proves the clock.
    assert accepted("Wechat", notice.send(client=Client(headers={"X-Request-Start": start(0)})))
    monkeypatch.setattr(overload, "_LONGEST_OVERLOAD_SECONDS", 600)
    assert notice.send(client=Client(headers={"X-Request-Start": start(10)})).status_code == 503
    assert accepted("Wechat", notice.send(client=Client(headers={"X-Request-Start": start(0)})))
