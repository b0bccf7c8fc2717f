"""A worker is woken by what its own process commits, on any database."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from scanforpay_django import checkout, handlers
from scanforpay_django.flows.call_handlers import call_again, enqueue_handler_calls
from scanforpay_django.merchant_notify import delivery
from scanforpay_django.models import HandlerCall, Notification, Order
from tests.operations.running import run
from tests.rows import Rows
from tests.transport.zoo import Zoo, read_request, whole
from tests.waiting import wait_for
from tests.worker_process import NEVER

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def worker_in_this_process() -> Iterator[None]:
    """It looks once, at its start."""
    stop = threading.Event()
    thread = run(stop, sweep_seconds=NEVER)
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


def is_delivered(notification: Notification) -> bool:
    return Notification.objects.filter(pk=notification.pk, state="delivered").exists()


def deliver_one(rows: Rows, url: str) -> None:
    notification = rows.notification(url)
    wait_for(lambda: is_delivered(notification))


def test_each_commit_wakes_it_and_the_stop_does_too(rows: Rows, zoo: Zoo) -> None:
    with worker_in_this_process():
        for _ in range(3):
            deliver_one(rows, zoo.answering(b"success"))


def test_while_one_shop_hangs_another_s_message_is_seen_at_once(
    rows: Rows, zoo: Zoo, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "QUEUE_POLL_SECONDS", NEVER)
    settings.SCANFORPAY_NOTIFY_DEADLINE_SECONDS = 60
    settings.SCANFORPAY_NOTIFY_LEASE_SECONDS = 240
    asked, may_answer = threading.Event(), threading.Event()

    def hang(connection: socket.socket, _stop: threading.Event) -> None:
        read_request(connection)
        asked.set()
        may_answer.wait(60)
        connection.sendall(whole(b"success"))

    hanging = rows.notification(zoo.cage(hang))
    with worker_in_this_process():
        try:
            assert asked.wait(15)
            deliver_one(rows, zoo.answering(b"success"))
            assert not is_delivered(hanging)
        finally:
            may_answer.set()
        wait_for(lambda: is_delivered(hanging))


HANDLED: list[str] = []


def ship(order: Order) -> None:
    HANDLED.append(order.order_no)
    if len(HANDLED) == 1:
        raise ValueError("no stock")


@pytest.fixture
def shop() -> Iterator[None]:
    HANDLED.clear()
    checkout.on_paid(ship)
    yield
    handlers.unregister("paid", ship)


@pytest.mark.usefixtures("shop")
def test_an_order_without_a_notify_address_wakes_the_handlers(rows: Rows) -> None:
    order = rows.order("")
    with worker_in_this_process():
        enqueue_handler_calls(order, "paid")
        wait_for(lambda: HandlerCall.objects.filter(attempt_count=1, lease_token="").exists())
        call_again(HandlerCall.objects.all())
        wait_for(lambda: HandlerCall.objects.filter(state="done").exists())
    assert len(HANDLED) == 2
