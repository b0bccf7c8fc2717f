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
from django.utils import timezone

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


def post(trade: Trade, message: Message) -> None:
    """Send ``message`` in the background, once the current transaction has committed."""
    notice = Notice.objects.create(trade=trade, event_id=message.event_id, url=message.url)
    transaction.on_commit(lambda: _office.start(notice.pk, message))


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

    def start(self, notice_pk: int, message: Message) -> None:
        with self._changed:
            thread = threading.Thread(
                target=self._run, args=(notice_pk, message, self._stop), name="sandbox-notice", daemon=True
            )
            self._threads.add(thread)
            thread.start()

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

    def _run(self, notice_pk: int, message: Message, stop: threading.Event) -> None:
        try:
            _deliver(notice_pk, message, stop)
        except (DatabaseError, RuntimeError) as error:
            # The database may be gone before this thread is: a test's teardown, a stopped server.
            logger.debug("notice %s given up: %s", message.event_id, error)
        finally:
            with self._changed:
                self._threads.discard(threading.current_thread())
                self._changed.notify_all()


_office = _PostOffice()


def _deliver(notice_pk: int, message: Message, stop: threading.Event) -> None:
    for delay in (0.0, *RETRY_DELAYS_SECONDS):
        if stop.wait(delay):
            return
        try:
            acknowledged, status = _send(message)
            if stop.is_set():
                return
            _record(notice_pk, acknowledged, status)
        finally:
            connection.close()
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
        acknowledged_at=timezone.now() if acknowledged else None,
    )
