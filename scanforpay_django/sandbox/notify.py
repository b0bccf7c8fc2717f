"""Sending notifications: one thread each, repeated until the merchant acknowledges."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import requests
from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.db.models import F

from scanforpay_django import clock

from . import faults
from .models import Notice, Trade

logger = logging.getLogger(__name__)

# The platforms wait minutes to hours; here somebody is watching.
RETRY_DELAYS_SECONDS: tuple[float, ...] = (1, 3, 10, 15, 30, 60)
TIMEOUT_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class Message:
    """A notification and how to tell that it was taken."""

    # the same on every repetition
    event_id: str
    url: str
    # makes headers and body for one try
    write: Callable[[], tuple[dict[str, str], bytes]]
    # whether an answer of this status and body acknowledges it
    accepts: Callable[[int, bytes], bool]


MESSAGES = [name for name, kind in faults.FAULTS.items() if kind.stage == "message"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How one message is sent."""

    delay_seconds: float = 0
    # sent once more after it was taken
    twice: bool = False
    # waits for this message to be overtaken by the trade's next one, at most for its delay
    overtaken: threading.Event | None = None


def post(trade: Trade, message: Message, *, delay_seconds: float = 0) -> None:
    """Send ``message`` in the background, once the current transaction has committed, faults permitting."""
    notice = Notice.objects.create(trade=trade, event_id=message.event_id, url=message.url)
    fault = faults.take(MESSAGES, merchant=trade.merchant, trade=trade)
    name, took = (fault.name, float(fault.seconds)) if fault else ("", 0)
    if name == "notify-never":
        Notice.objects.filter(pk=notice.pk).update(last_status="kept back: notify-never")
        return
    plan = Plan(delay_seconds=delay_seconds)
    if name == "notify-late":
        plan = Plan(delay_seconds=took)
    elif name == "notify-twice":
        plan = Plan(delay_seconds=delay_seconds, twice=True)
    elif name == "notify-out-of-order":
        plan = Plan(delay_seconds=took, overtaken=_office.expect(trade.pk))
    copies = 8 if name == "notify-8x" else 1
    transaction.on_commit(lambda: _office.start(trade.pk, notice.pk, message, plan, copies))


def post_and_wait(trade: Trade, message: Message) -> None:
    """Send ``message`` and come back when its first try was answered. Not for use in a transaction."""
    notice = Notice.objects.create(trade=trade, event_id=message.event_id, url=message.url)
    _office.start(trade.pk, notice.pk, message, Plan(), 1).wait(2 * TIMEOUT_SECONDS)


def wait_until_idle(timeout_seconds: float) -> bool:
    """Wait until nothing is being sent or waiting to be repeated; False when that takes too long."""
    return _office.wait_until_idle(timeout_seconds)


def stop_all() -> None:
    """Give up every notice in flight and wait for their threads."""
    _office.stop_all()


class _PostOffice:
    """The threads of one process."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._threads: set[threading.Thread] = set()
        self._stop = threading.Event()
        # by trade: set when a message of the trade was sent
        self._held: dict[int, threading.Event] = {}

    def expect(self, trade_pk: int) -> threading.Event:
        with self._changed:
            return self._held.setdefault(trade_pk, threading.Event())

    def start(
        self, trade_pk: int, notice_pk: int, message: Message, plan: Plan, copies: int
    ) -> threading.Event:
        """Send in ``copies`` threads. The event is set after the first try of one of them."""
        with self._changed:
            tried = (
                self._held.pop(trade_pk, threading.Event()) if plan.overtaken is None else threading.Event()
            )
            for _ in range(copies):
                letter = _Letter(notice_pk, message, plan, self._stop, tried)
                thread = threading.Thread(
                    target=self._run, args=(letter,), name="sandbox-notice", daemon=True
                )
                self._threads.add(thread)
                thread.start()
        return tried

    def wait_until_idle(self, timeout_seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self._threads, timeout_seconds)

    def stop_all(self) -> None:
        with self._changed:
            self._stop.set()
            self._stop = threading.Event()
            threads = list(self._threads)
        for thread in threads:
            thread.join(TIMEOUT_SECONDS + 1)

    def _run(self, letter: "_Letter") -> None:
        try:
            _deliver(letter)
        except (DatabaseError, RuntimeError) as error:
            # The database may be gone before this thread is: a test's teardown, a stopped server.
            logger.debug("notice %s given up: %s", letter.message.event_id, error)
        finally:
            letter.tried.set()
            with self._changed:
                self._threads.discard(threading.current_thread())
                self._changed.notify_all()


_office = _PostOffice()


@dataclass(frozen=True)
class _Letter:
    """What one thread has to do."""

    notice_pk: int
    message: Message
    plan: Plan
    stop: threading.Event
    tried: threading.Event


def _deliver(letter: _Letter) -> None:
    plan, again = letter.plan, letter.plan.twice
    if plan.overtaken is not None:
        plan.overtaken.wait(plan.delay_seconds)
    for delay in (0.0 if plan.overtaken else plan.delay_seconds, *RETRY_DELAYS_SECONDS):
        if letter.stop.wait(delay):
            return
        try:
            acknowledged, status = _send(letter.message)
            if letter.stop.is_set():
                return
            _record(letter.notice_pk, acknowledged, status)
            if acknowledged and again:
                _record(letter.notice_pk, *_send(letter.message))
        finally:
            connection.close()
        letter.tried.set()
        if acknowledged:
            return


def _send(message: Message) -> tuple[bool, str]:
    headers, body = message.write()
    started = time.monotonic()
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(
                message.url, data=body, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
            )
            taken = message.accepts(answer.status_code, answer.content)
    except requests.RequestException as error:
        return False, type(error).__name__
    milliseconds = int((time.monotonic() - started) * 1000)
    return taken, f"HTTP {answer.status_code}, {milliseconds} ms" + ("" if taken else ", not acknowledged")


def _record(notice_pk: int, acknowledged: bool, status: str) -> None:
    Notice.objects.filter(pk=notice_pk).update(
        attempts=F("attempts") + 1,
        last_status=status[:200],
        acknowledged_at=clock.now() if acknowledged else None,
    )
