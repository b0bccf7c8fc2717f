"""Calls and notifications whose bodies come in chunks, from servers that join the chunks and from others."""

import asyncio
import io
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler

from scanforpay_django.models import Order
from tests.merchant import Merchant, envelope, header, order_body
from tests.platform import AlipayNotice, give_credentials, open_payment

pytestmark = pytest.mark.django_db(transaction=True)
CREATE = "/api/jspay/create"


def by_wsgi(path: str, body: bytes, kind: str = "application/json", **environ: Any) -> tuple[int, bytes]:
    """What a WSGI server calls: no length, and a stream that ends by itself."""
    seen = []
    answer = WSGIHandler()(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": path,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": kind,
            "HTTP_TRANSFER_ENCODING": "chunked",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            **environ,
        },
        lambda status, _headers: seen.append(int(status.split()[0])),
    )
    content = b"".join(answer)
    answer.close()
    return seen[0], content


def by_asgi(path: str, *chunks: bytes) -> bytes:
    """What an ASGI server calls, chunk by chunk."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json"),
                    (b"transfer-encoding", b"chunked")],
        "client": ("127.0.0.1", 4000),
        "server": ("localhost", 8000),
    }  # fmt: skip

    async def call() -> bytes:
        server = ApplicationCommunicator(ASGIHandler(), scope)
        for number, chunk in enumerate(chunks, start=1):
            await server.send_input(
                {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}
            )
        await server.receive_output(20)
        body = (await server.receive_output(20))["body"]
        await server.wait()
        return body

    return asyncio.run(call())


def body_of(answer: bytes) -> dict:
    return json.loads(answer)["response"]["body"]


def test_a_call_in_chunks_makes_an_order(merchant: Merchant) -> None:
    raw = envelope(header(), order_body(partnerOrderNo="wsgi"))
    status, answer = by_wsgi(CREATE, raw, **{"wsgi.input_terminated": True})
    assert (status, body_of(answer)["code"]) == (200, 1)
    raw = envelope(header(), order_body(partnerOrderNo="asgi"))
    assert body_of(by_asgi(CREATE, raw[:50], raw[50:]))["code"] == 1
    assert sorted(Order.objects.values_list("partner_order_no", flat=True)) == ["asgi", "wsgi"]


def test_a_server_that_joins_no_chunks_is_read_from_no_further_and_says_what_to_send(
    merchant: Merchant,
) -> None:
    waiting = io.BytesIO(envelope(header(), order_body()))
    _status, answer = by_wsgi(CREATE, b"", **{"wsgi.input": waiting})
    assert "Content-Length" in body_of(answer)["msg"]
    assert waiting.tell() == 0
    assert not Order.objects.exists()


def test_what_is_too_large_is_refused_without_reading_all_of_it(merchant: Merchant) -> None:
    stream = io.BytesIO(b'{"request": ' + b" " * 1_000_000)
    status, _answer = by_wsgi(CREATE, b"", **{"wsgi.input": stream, "wsgi.input_terminated": True})
    assert status == 413
    assert stream.tell() < 500_000


def test_a_platforms_notification_in_chunks_pays_the_order(merchant: Merchant) -> None:
    give_credentials(merchant)
    payment = open_payment(merchant, "Alipay")
    form = urlencode(AlipayNotice(payment).params()).encode()
    path = f"/api/platform/alipay/{payment.account.public_id}"
    kind = "application/x-www-form-urlencoded; charset=utf-8"
    assert by_wsgi(path, form, kind, **{"wsgi.input_terminated": True}) == (200, b"success")
    payment.order.refresh_from_db()
    assert payment.order.state == Order.State.PAID
