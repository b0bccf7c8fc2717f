"""The sender: whatever a merchant's server does, a try ends in time and is no false success."""

import asyncio
import contextlib
import socket
import ssl
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import trustme

from scanforpay_django.merchant_notify.answer import is_acknowledged
from scanforpay_django.transport import Outcome, Sender, connections, resolver
from tests.transport import zoo as inmates
from tests.transport.zoo import INMATES, Zoo, whole

DEADLINE = 1.0


def send(*addresses: str, tls: ssl.SSLContext | None = None) -> Sequence[Outcome]:
    """One send to each address, all at once."""

    async def main() -> Sequence[Outcome]:
        async with Sender(64, DEADLINE, tls=tls) as sender:
            return await asyncio.gather(*(sender.send(url, b"{}", {}) for url in addresses))

    return asyncio.run(main())


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


def test_a_connection_is_not_kept_after_a_malformed_answer(zoo: Zoo) -> None:
    taken = []

    def answers(connection: socket.socket, _stop: threading.Event) -> None:
        taken.append(connection)
        while inmates.read_request(connection):
            connection.sendall(whole(b"success", b"200 OK", b"garbage"))

    origin = zoo.cage(answers)

    async def main() -> list[Outcome]:
        async with Sender(4, DEADLINE) as sender:
            return [await sender.send(origin, b"{}", {}) for _ in range(2)]

    assert [outcome.body for outcome in asyncio.run(main())] == [b"success", b"success"]
    assert len(taken) == 2


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


def test_an_idle_connection_that_was_closed_is_no_failed_try(zoo: Zoo) -> None:
    def once(connection: socket.socket, _stop: object) -> None:
        inmates.read_request(connection)
        connection.sendall(whole(b"success"))

    origin = zoo.cage(once)

    async def main() -> list[Outcome]:
        async with Sender(4, DEADLINE) as sender:
            first = await sender.send(origin, b"{}", {})
            time.sleep(0.1)  # the loop does not see the close before the next send takes the connection
            return [first, await sender.send(origin, b"{}", {})]

    assert [outcome.body for outcome in asyncio.run(main())] == [b"success", b"success"]


def test_bytes_that_nobody_asked_for_are_no_answer_to_the_next_message(zoo: Zoo) -> None:
    """An idle connection that begins to talk is closed, not believed."""

    def talks(connection: socket.socket, stop: threading.Event) -> None:
        inmates.read_request(connection)
        connection.sendall(whole(b"fail"))
        time.sleep(0.1)
        connection.sendall(whole(b"success"))
        stop.wait(5)

    origin = zoo.cage(talks)

    async def main() -> list[Outcome]:
        async with Sender(4, DEADLINE) as sender:
            first = await sender.send(origin, b"{}", {})
            await asyncio.sleep(0.3)
            return [first, await sender.send(origin, b"{}", {})]

    assert [outcome.body for outcome in asyncio.run(main())] == [b"fail", b"fail"]


@pytest.mark.parametrize("has_tls", [False, True])
def test_an_answer_that_waits_unread_is_no_answer_to_the_next_message(zoo: Zoo, has_tls: bool) -> None:
    """A loop that was busy has not seen it yet when it takes the connection."""
    authority = trustme.CA()
    served, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(served)
    authority.configure_trust(trusting)

    def answers_twice(connection: socket.socket, stop: threading.Event) -> None:
        zoo.requests.append(inmates.read_request(connection))
        connection.sendall(whole(b"fail"))
        time.sleep(0.1)
        connection.sendall(whole(b"success"))
        stop.wait(5)

    origin = zoo.cage(answers_twice, served if has_tls else None)

    async def main() -> list[Outcome]:
        async with Sender(4, DEADLINE, tls=trusting) as sender:
            first = await sender.send(origin, b"{}", {})
            time.sleep(0.3)
            return [first, await sender.send(origin, b"{}", {})]

    assert [outcome.body for outcome in asyncio.run(main())] == [b"fail", b"fail"]
    assert len(zoo.requests) == 2


def test_an_answer_at_the_very_end_of_its_time_leaves_no_connection_behind(zoo: Zoo) -> None:
    closed = threading.Event()

    def answers(connection: socket.socket, _stop: threading.Event) -> None:
        inmates.read_request(connection)
        time.sleep(DEADLINE / 2)
        connection.sendall(whole(b"success"))
        connection.recv(1)
        closed.set()

    origin = zoo.cage(answers)

    async def main() -> Outcome:
        async with Sender(4, DEADLINE) as sender:
            # The loop sees the answer and the end of its time in the same round.
            asyncio.get_running_loop().call_later(0.3, time.sleep, DEADLINE)
            outcome = await sender.send(origin, b"{}", {})
            await asyncio.to_thread(closed.wait, 1)
            return outcome

    assert asyncio.run(main()).reason == "timeout after 1 s"
    assert closed.is_set()


def test_a_long_answer_is_no_whole_one_because_the_connection_ends_with_it(zoo: Zoo) -> None:
    """TLS hands over the bytes and the end at once."""
    authority = trustme.CA()
    served, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(served)
    authority.configure_trust(trusting)

    def ends(connection: socket.socket, _stop: threading.Event) -> None:
        inmates.read_request(connection)
        connection.sendall(inmates.OK + b"\r\n" + b"x" * 4088 + b"\nsuccess" + b"y" * 900)
        with contextlib.suppress(OSError):
            connection.unwrap()  # type: ignore[attr-defined]

    origin = zoo.cage(ends, served)

    async def main() -> Outcome:
        async with Sender(4, DEADLINE, tls=trusting) as sender:
            sending = asyncio.create_task(sender.send(origin, b"{}", {}))
            asyncio.get_running_loop().call_later(0.3, time.sleep, 0.3)
            return await sending

    outcome = asyncio.run(main())
    assert (outcome.reason, is_acknowledged(outcome, any_2xx=False)) == ("answer too large", False)


def test_a_kept_connection_that_breaks_inside_an_answer_is_a_failed_try(zoo: Zoo) -> None:
    taken = []

    def breaks(connection: socket.socket, _stop: threading.Event) -> None:
        while request := inmates.read_request(connection):
            taken.append(request)
            if len(taken) == 2:
                connection.sendall(inmates.OK + b"Content-Length: 7\r\n\r\nsucc")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                return
            connection.sendall(whole(b"success"))

    origin = zoo.cage(breaks)

    async def main() -> list[Outcome]:
        async with Sender(4, DEADLINE) as sender:
            return [await sender.send(origin, b"{}", {}) for _ in range(2)]

    assert asyncio.run(main())[1].reason in {"connection reset", "answer cut short"}
    assert len(taken) == 2


def test_connections_are_kept_and_not_for_ever(zoo: Zoo, monkeypatch: pytest.MonkeyPatch) -> None:
    accepted = []

    def counts(connection: socket.socket, _stop: threading.Event) -> None:
        accepted.append(connection)
        while inmates.read_request(connection):
            connection.sendall(whole(b"success"))

    origin = zoo.cage(counts)

    async def main() -> None:
        async with Sender(1, DEADLINE) as sender:
            for _ in range(5):
                await sender.send(origin, b"{}", {})
            assert len(accepted) == 1
            await asyncio.gather(*(sender.send(origin, b"{}", {}) for _ in range(3)))
            assert len(accepted) == 3  # and one of them is kept
            monkeypatch.setattr(connections, "KEPT_SECONDS", -1)
            await sender.send(origin, b"{}", {})
            assert len(accepted) == 4

    asyncio.run(main())


def test_an_address_that_does_not_answer_gives_way_to_the_next(
    zoo: Zoo, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SCANFORPAY_OUTBOUND_ALLOW = ["127.0.0.0/8"]
    origin = zoo.answering(b"success")
    port = int(origin.rpartition(":")[2])
    # a full backlog: the third connection is not answered
    deaf = socket.create_server(("127.0.0.2", port), backlog=0)
    waiting = [socket.socket() for _ in range(3)]
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(("127.0.0.2", port))
    found = [(0, 0, 0, "", (address, 0)) for address in ("127.0.0.2", "127.0.0.3", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(connections, "PATIENCE_SECONDS", 0.2)
    (outcome,) = send(f"http://shop.localhost:{port}/")
    for one in (*waiting, deaf):
        one.close()
    assert (outcome.body, outcome.address) == (b"success", "127.0.0.1")


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


def test_one_forbidden_address_refuses_the_name(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SCANFORPAY_OUTBOUND_ALLOW = []
    found = [(0, 0, 0, "", (address, 0)) for address in ("8.8.8.8", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert send("http://rebound.example/")[0].reason == "address not public"


def test_names_that_hang_hold_up_nobody(zoo: Zoo, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def look(host: str, *args: Any, **options: Any) -> Any:
        if host.startswith("hanging"):
            time.sleep(2)
        return real("127.0.0.1", *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look)
    port = zoo.answering(b"success").rpartition(":")[2]
    settled = send(*(f"http://hanging{number}.example/" for number in range(32)), f"http://localhost:{port}/")
    assert settled[-1].body == b"success"
    assert settled[-1].duration_ms < 900
    assert {outcome.reason for outcome in settled[:-1]} == {"timeout after 1 s"}


def test_look_ups_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "MAX_LOOKUPS", 0)
    with pytest.raises(OSError, match="too many"):
        resolver.look_up("any.example").result()


def test_a_look_up_that_could_not_begin_is_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without_threads:

        def start(_thread: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        without_threads.setattr(threading.Thread, "start", start)
        with pytest.raises(OSError, match="thread"):
            resolver.look_up("localhost").result(timeout=1)
    assert "127.0.0.1" in resolver.look_up("localhost").result(timeout=5)


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
