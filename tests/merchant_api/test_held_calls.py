"""Refund calls that wait: one for each refund, and few in a process."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from scanforpay_django import clock
from scanforpay_django.merchant_api import held_calls
from scanforpay_django.merchant_api.held_calls import place_to_wait
from scanforpay_django.models import Order, Refund
from scanforpay_django.wallets.base import RefundResult, RefundState
from tests.merchant import Merchant, envelope, header
from tests.paid_order import order, quick, refund
from tests.scripted import Platform, platform
from tests.threads import raced
from tests.waiting import wait_for

__all__ = ["order", "platform", "quick"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def slow(platform: Platform, settings) -> threading.Event:
    """The platform says "in progress" until it is set; calls wait for that longer than a test may last."""
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 600
    # Django's test client says that it has no threads.
    settings.SCANFORPAY_HELD_CALLS = 2
    done = threading.Event()

    def answer(real: Callable[[], RefundResult]) -> RefundResult:
        result = real()
        return result if done.is_set() else replace(result, state=RefundState.PROCESSING)

    platform.script["refund"] = platform.script["query_refund"] = answer
    return done


def waiting_call(merchant: Merchant, number: str) -> tuple[threading.Thread, list[dict]]:
    """A call for the refund in a thread of its own, once it waits, and its answer."""
    answers: list[dict] = []

    def call() -> None:
        try:
            answers.append(refund(merchant, number))
        finally:
            connection.close()

    thread = threading.Thread(target=call)
    thread.start()
    wait_for(lambda: Refund.objects.filter(refund_no=number, held_until__isnull=False).exists())
    return thread, answers


def end_of(thread: threading.Thread, done: threading.Event) -> None:
    done.set()
    Refund.objects.filter(finished_at=None).update(next_at=clock.now() - timedelta(seconds=1))
    thread.join(30)
    assert not thread.is_alive()


def test_of_the_calls_for_one_refund_one_waits(
    merchant: Merchant, order: Order, slow: threading.Event
) -> None:
    thread, answers = waiting_call(merchant, "r1")
    assert [refund(merchant, "r1")["status"] for _ in range(3)] == [0, 0, 0]
    end_of(thread, slow)
    assert answers[0]["status"] == 1
    assert Refund.objects.get().held_until is None


def test_no_more_calls_wait_than_a_process_can_spare(
    merchant: Merchant, order: Order, slow: threading.Event, settings
) -> None:
    settings.SCANFORPAY_HELD_CALLS = 1
    thread, answers = waiting_call(merchant, "r1")
    assert refund(merchant, "r2")["status"] == 0
    end_of(thread, slow)
    assert answers[0]["status"] == 1
    # The place is free again, and the other's repeat waits for its end.
    Refund.objects.filter(finished_at=None).update(next_at=clock.now() + timedelta(seconds=1))
    assert refund(merchant, "r2")["status"] == 1


def test_a_process_that_died_while_it_waited_keeps_nobody_from_waiting(
    merchant: Merchant, order: Order, slow: threading.Event, settings
) -> None:
    settings.SCANFORPAY_HELD_CALLS = 0
    assert refund(merchant, "r1")["status"] == 0
    settings.SCANFORPAY_HELD_CALLS = 1
    Refund.objects.update(held_until=clock.now() - timedelta(seconds=1))
    slow.set()
    Refund.objects.update(next_at=clock.now() + timedelta(seconds=1))
    assert refund(merchant, "r1")["status"] == 1


def test_a_process_without_threads_waits_for_nobody(
    merchant: Merchant, order: Order, slow: threading.Event, settings, caplog: pytest.LogCaptureFixture
) -> None:
    """A WSGI server that answers one call at a time says so: PEP 3333, "wsgi.multithread"."""
    settings.SCANFORPAY_HELD_CALLS = None
    held_calls._say_once.cache_clear()

    def status(number: str, amount: int) -> int:
        raw = envelope(header(), {"partnerOrderNo": "p1", "refundNo": number, "orderAmount": amount})
        answer = merchant.post("/api/common/refund", raw, **{"wsgi.multithread": False})
        return answer.json()["response"]["body"]["status"]

    assert [status("r1", 700), status("r2", 300)] == [0, 0]
    assert caplog.text.count("--threads") == 1
    assert not Refund.objects.filter(held_until__isnull=False).exists()
    settings.SCANFORPAY_HELD_CALLS = 1
    slow.set()
    Refund.objects.update(next_at=clock.now() + timedelta(seconds=1))
    assert status("r1", 700) == 1


@pytest.mark.row_locks
def test_of_calls_that_come_at_once_one_gets_the_place(merchant: Merchant, order: Order, settings) -> None:
    settings.SCANFORPAY_HELD_CALLS = 100
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 600
    made = Refund.objects.get(refund_no=refund(merchant, "r1")["refundNo"])
    everybody_has_asked = threading.Barrier(8, timeout=60)

    def ask() -> bool:
        with place_to_wait(made, has_threads=True) as may_wait:
            everybody_has_asked.wait()
            return may_wait

    assert sorted(raced(8, ask)) == [False] * 7 + [True]
    made.refresh_from_db()
    assert made.held_until is None
