"""Connections that are kept, and what ends them."""

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from typing import Any

import pytest
import trustme

from scanforpay_django.merchant_notify.answer import is_acknowledged
from scanforpay_django.transport import Outcome, Sender, connections
from tests.transport import zoo as inmates
from tests.transport.sending import DEADLINE, send
from tests.transport.zoo import Zoo, whole


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


def test_an_idle_connection_that_was_closed_is_no_failed_try(zoo: Zoo) -> None:
    was_ended = threading.Event()

    def once(connection: socket.socket, _stop: object) -> None:
        inmates.read_request(connection)
        connection.sendall(whole(b"success"))
        connection.shutdown(socket.SHUT_WR)
        was_ended.set()

    origin = zoo.cage(once)

    async def main() -> list[Outcome]:
        async with Sender(4, DEADLINE) as sender:
            first = await sender.send(origin, b"{}", {})
            # The loop stands still, so it does not see the end before the next send takes the connection.
            assert was_ended.wait(5)
            return [first, await sender.send(origin, b"{}", {})]

    assert [outcome.body for outcome in asyncio.run(main())] == [b"success", b"success"]


def test_bytes_that_nobody_asked_for_are_no_answer_to_the_next_message(zoo: Zoo) -> None:
    """An idle connection that begins to talk is closed, not believed."""

    first_was_read, second_was_sent = threading.Event(), threading.Event()

    def talks(connection: socket.socket, stop: threading.Event) -> None:
        inmates.read_request(connection)
        connection.sendall(whole(b"fail"))
        first_was_read.wait(5)
        connection.sendall(whole(b"success"))
        second_was_sent.set()
        stop.wait(5)

    origin = zoo.cage(talks)

    async def main() -> list[Outcome]:
        async with Sender(4, DEADLINE) as sender:
            first = await sender.send(origin, b"{}", {})
            first_was_read.set()
            assert await asyncio.to_thread(second_was_sent.wait, 5)
            await asyncio.sleep(0.1)  # the loop reads what came
            return [first, await sender.send(origin, b"{}", {})]

    assert [outcome.body for outcome in asyncio.run(main())] == [b"fail", b"fail"]


@pytest.mark.parametrize("has_tls", [False, True])
def test_an_answer_that_waits_unread_is_no_answer_to_the_next_message(zoo: Zoo, has_tls: bool) -> None:
    """A loop that was busy has not seen it yet when it takes the connection."""
    authority = trustme.CA()
    served, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(served)
    authority.configure_trust(trusting)
    first_was_read, second_was_sent = threading.Event(), threading.Event()

    def answers_twice(connection: socket.socket, stop: threading.Event) -> None:
        zoo.requests.append(inmates.read_request(connection))
        connection.sendall(whole(b"fail"))
        first_was_read.wait(5)
        connection.sendall(whole(b"success"))
        second_was_sent.set()
        stop.wait(5)

    origin = zoo.cage(answers_twice, served if has_tls else None)

    async def main() -> list[Outcome]:
        async with Sender(4, DEADLINE, tls=trusting) as sender:
            first = await sender.send(origin, b"{}", {})
            first_was_read.set()
            # The loop stands still until the second answer lies in the socket's buffer.
            assert second_was_sent.wait(5)
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
