"""The sender: whatever a merchant's server does, a try ends in time and is no false success."""

import asyncio
import socket
import ssl
import subprocess
import sys
import time
import warnings
from datetime import UTC, datetime
from typing import Any

import trustme

from scanforpay_django.merchant_notify.answer import is_acknowledged
from scanforpay_django.transport import Outcome, Sender
from tests.transport import zoo as inmates
from tests.transport.sending import DEADLINE, send
from tests.transport.zoo import INMATES, Zoo, whole

REASONS = {
    "never_answers": "timeout after 1 s",
    "never_reads": "timeout after 1 s",
    "drips_header": "timeout after 1 s",
    "drips_body": "timeout after 1 s",
    "drips_chunks": "timeout after 1 s",
    "success_and_silence": "timeout after 1 s",
    "endless_continue": "timeout after 1 s",
    "floods_continue": "answer is not HTTP",
    "endless_headers": "answer is not HTTP",
    "ten_megabytes": "answer too large",
    "redirects": "redirect not followed",
    "gzip_bomb": "",
    "closes_unanswered": "connection closed without an answer",
    "cut_short": "answer cut short",
    "bad_length": "answer is not HTTP",
    "two_lengths": "",
    "not_http": "answer is not HTTP",
}


def test_every_inmate_is_survived_at_the_same_time(zoo: Zoo) -> None:
    begun = time.monotonic()
    outcomes = dict(zip(INMATES, send(*(zoo.cage(INMATES[name]) for name in INMATES)), strict=True))
    assert time.monotonic() - begun < DEADLINE + 0.7
    assert not any(is_acknowledged(outcome, any_2xx=False) for outcome in outcomes.values())
    assert all(outcome.duration_ms < 1500 for outcome in outcomes.values())
    assert all(len(outcome.body) <= 4096 for outcome in outcomes.values())
    closed = outcomes.pop("closes_at_once").reason
    assert closed in {"connection reset", "connection closed without an answer"}
    assert {name: outcome.reason for name, outcome in outcomes.items()} == REASONS


def test_a_late_answer_is_no_answer_although_success_was_read(zoo: Zoo) -> None:
    (outcome,) = send(zoo.cage(inmates.drips_body))
    assert (outcome.status, outcome.body) == (None, b"")
    assert (outcome.partial_status, outcome.status_read) == (200, 200)
    assert outcome.received.startswith(b"HTTP/1.1 200 OK\r\n\r\nsuccess ")


def test_an_answer_is_read(zoo: Zoo) -> None:
    (outcome,) = send(zoo.answering(whole(b"busy", b"503 Busy", b"Retry-After: 120")))
    assert (outcome.status, outcome.body, outcome.reason) == (503, b"busy", "")
    assert (outcome.address, outcome.retry_after_seconds) == ("127.0.0.1", 120)


def test_the_query_is_sent_as_it_is(zoo: Zoo) -> None:
    send(zoo.answering(b"ok") + "/n?a=1%2F&b=+&c[]=x")
    assert zoo.requests[0].startswith(b"POST /n?a=1%2F&b=+&c%5B%5D=x HTTP/1.1\r\n")


def test_refused_and_unknown_have_their_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    outcomes = send(f"http://127.0.0.1:{port}/", "http://nobody.invalid/", "javascript:alert(1)")
    words = "address refused: an absolute http or https address"
    assert [outcome.reason for outcome in outcomes] == ["connection refused", "name not found", words]


def test_a_header_cannot_become_two(zoo: Zoo) -> None:
    origin = zoo.answering(b"success")

    async def main() -> Outcome:
        async with Sender(4, DEADLINE) as sender:
            return await sender.send(origin, b"{}", {"Webhook-Id": "a\r\nX: y"})

    assert asyncio.run(main()).reason == "sending failed: ValueError"
    assert zoo.requests == []


def test_tls_faults_have_their_words(zoo: Zoo) -> None:
    authority = trustme.CA()
    good, wrong = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(good)
    authority.issue_cert("other.example").configure_cert(wrong)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    origins = [zoo.answering(b"success", tls=good), zoo.answering(b"success", tls=wrong)]
    plain = zoo.cage(lambda connection, _: connection.sendall(whole(b"no"))).replace("http:", "https:")
    silent = zoo.cage(inmates.never_reads).replace("http:", "https:")
    outcomes = send(*origins, plain, silent, tls=trusting)
    assert [outcome.reason for outcome in outcomes] == [
        "",
        "certificate not valid",
        "TLS handshake failed",
        "timeout after 1 s",
    ]
    assert send(origins[0])[0].reason == "certificate not valid"


def test_old_certificates_and_old_tls_are_refused(zoo: Zoo) -> None:
    authority = trustme.CA()
    expired, old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(
        "127.0.0.1", not_before=datetime(2020, 1, 1, tzinfo=UTC), not_after=datetime(2021, 1, 1, tzinfo=UTC)
    ).configure_cert(expired)
    authority.issue_cert("127.0.0.1").configure_cert(old)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    outcomes = send(zoo.answering(b"success", tls=expired), zoo.answering(b"success", tls=old), tls=trusting)
    assert [outcome.reason for outcome in outcomes] == ["certificate not valid", "TLS handshake failed"]


HOOKED = """
import asyncio, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
from django.conf import settings
django.setup()
settings.SCANFORPAY_OUTBOUND_ALLOW = []
from scanforpay_django.transport import Sender, sender
from scanforpay_django.transport.urls import split_url
from tests.transport.test_addresses import FORBIDDEN
from tests.transport.test_urls import FORBIDDEN as PLACES, MALFORMED

seen = []
sys.addaudithook(lambda event, args: seen.append(args[1]) if event == "socket.connect" else None)

async def main(urls):
    async with Sender(64, 5) as one:
        return [await one.send(url, b"{}", {}) for url in urls]

literals = [f"http://[{ip}]/" if ":" in ip else f"http://{ip}/" for ip in FORBIDDEN]
urls = [u for u in literals + PLACES + MALFORMED if "shop.example" not in u and "example.com" not in u]
first = asyncio.run(main(urls))
# And with a parser that lets everything pass: the guard at the socket stands alone.
sender.parse_url = lambda url, purpose: split_url(url)
second = asyncio.run(main(literals))
assert len(urls) >= 120, len(urls)
assert all(outcome.status is None for outcome in first + second)
assert {outcome.reason for outcome in second} == {"address not public"}, {o.reason for o in second}
assert not seen, seen
print("nothing")
"""


def test_no_forbidden_address_is_ever_connected_to() -> None:
    found = subprocess.run([sys.executable, "-c", HOOKED], capture_output=True, text=True, timeout=60)
    assert found.stdout == "nothing\n", found.stderr


def test_a_trusted_origin_is_excepted_from_the_guard_and_no_other(zoo: Zoo, settings: Any) -> None:
    settings.SCANFORPAY_OUTBOUND_ALLOW = []
    trusted, other = zoo.answering(b"success"), zoo.answering(b"success")

    async def main() -> list[Outcome]:
        async with Sender(4, DEADLINE, trusted_origins={trusted}) as sender:
            return [await sender.send(f"{origin}/n", b"{}", {}) for origin in (trusted, other)]

    first, second = asyncio.run(main())
    assert (first.status, first.body) == (200, b"success")
    assert (second.status, second.reason) == (None, "address refused: the host is not on the public internet")
    assert len(zoo.requests) == 1


def test_a_slow_request_is_whole_at_its_end(zoo: Zoo) -> None:
    origin, body = zoo.answering(b"success"), b"x" * 500

    async def main() -> Outcome:
        async with Sender(4, DEADLINE) as sender:
            return await sender.send(origin, body, {}, pause_seconds=0.1)

    assert asyncio.run(main()).body == b"success"
    assert zoo.bodies() == [body]


def test_a_request_that_hangs_ends_with_its_deadline(zoo: Zoo) -> None:
    async def main() -> Outcome:
        async with Sender(4, DEADLINE) as sender:
            return await sender.send(zoo.answering(b"success"), b"{}", {}, pause_seconds=60)

    assert asyncio.run(main()).reason == "timeout after 1 s"
    assert zoo.requests == []
