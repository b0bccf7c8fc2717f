"""The worker's loop without Celery or Redis: deliver, do the periodic jobs, and outlive the database.

It is woken when a commit leaves something to do (``operations.listening``), and looks every second all the same.
"""

import logging
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from scanforpay_django.flows.call_handlers import call_handlers
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.merchant_notify.worker_woken import worker_woken
from scanforpay_django.models import WorkerBeat
from scanforpay_django.models.worker_beat import LATE
from scanforpay_django.operations.listening import listen
from scanforpay_django.periodic import PERIODIC_JOBS

logger = logging.getLogger(__name__)

_LONGEST_BACKOFF_SECONDS = 30.0
#: a job that rests for so long keeps no connection of its thread
IDLE_SECONDS = 10.0
#: so often it says that it is alive
BEAT_SECONDS = 10.0
#: between two rounds that wake-ups bring about: a busy site commits all the time
MIN_ROUND_SECONDS = 0.05
#: after the signal; sends under way need 15 at most, a platform that is being asked may have the rest
_LAST_SECONDS = 20.0
#: a database that does not answer may hold it up, and it has nothing to finish
_LISTENER_SECONDS = 2.0


@dataclass
class Paced:
    """A job that does nothing until its time has come again."""

    # returns True while there is more to be done: then its next turn is the next round
    work: Callable[[], object]
    every_seconds: float
    _due: float = 0.0

    def __call__(self) -> None:
        """Work, at most once in ``every_seconds`` unless there is more to be done."""
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + self.every_seconds
            if self.work() is True:
                self._due = 0.0
            elif self.every_seconds >= IDLE_SECONDS:
                connections.close_all()


class _Beat:
    """Says in the database that this worker is alive: while its loop goes on, not merely while its process is there."""

    def __init__(self) -> None:
        self._host = socket.gethostname()
        self._alive_at = time.monotonic()
        self.work = Paced(self._record, BEAT_SECONDS)

    def loop_is_alive(self) -> None:
        """Called by the loop that delivers, several times a second."""
        self._alive_at = time.monotonic()

    def _record(self) -> None:
        if time.monotonic() - self._alive_at < LATE.total_seconds() / 2:
            WorkerBeat.objects.record(self._host, WorkerBeat.Kind.WORKER)

    def end(self) -> None:
        """It was stopped, and is not missed."""
        try:
            WorkerBeat.objects.forget(self._host, WorkerBeat.Kind.WORKER)
        except (DatabaseError, InterfaceError):
            logger.info("the database is away: this worker will be missed for a day")
        finally:
            connections.close_all()


def periodic_jobs() -> tuple[Paced, ...]:
    """What ``run_worker`` does beside delivering, from the table."""
    return tuple(
        Paced(work, job.worker_seconds)
        for job in PERIODIC_JOBS
        if job.worker_seconds is not None
        for work in job.load()
    )


class _Rounds:
    """Work that is repeated every ``sweep_seconds`` until ``stop``; after a failure later, and later each time."""

    def __init__(self, stop: threading.Event, sweep_seconds: float) -> None:
        self._stop = stop
        self._sweep_seconds = sweep_seconds

    def repeat(self, work: Callable[[], object], woken: threading.Event | None = None) -> None:
        """Call ``work``; ``woken`` ends a pause that follows no failure."""
        failures = 0
        while not self._stop.is_set():
            begun = time.monotonic()
            try:
                work()
                failures = 0
            except (DatabaseError, InterfaceError) as error:
                failures += 1
                logger.warning("the database failed, trying again: %s", error)
                close_old_connections()
            except Exception:
                failures += 1
                logger.exception("a round of the worker failed")
                close_old_connections()
            if woken is None or failures:
                self._stop.wait(self._pause_seconds(failures))
            elif woken.wait(self._sweep_seconds):
                self._stop.wait(max(0.0, begun + MIN_ROUND_SECONDS - time.monotonic()))
                woken.clear()

    def _pause_seconds(self, failures: int) -> float:
        longest = max(_LONGEST_BACKOFF_SECONDS, self._sweep_seconds)
        return min(self._sweep_seconds * 2.0 ** min(failures, 10), longest)

    def do_job(self, job: Callable[[], object]) -> None:
        """Repeat a job in this thread."""
        try:
            self.repeat(job)
        finally:
            connections.close_all()

    def call_handlers(self) -> None:
        """Repeat the calls of the project's handlers in this thread, at once when the worker is woken."""
        woken = threading.Event()
        try:
            with worker_woken.calling(woken.set):
                self.repeat(call_handlers, woken)
        finally:
            connections.close_all()

    def wake_at_stop(self) -> None:
        """What waits for a wake-up ends then."""
        self._stop.wait()
        worker_woken.send()


def run_worker(
    stop: threading.Event, *, sweep_seconds: float = 1.0, jobs: Sequence[Callable[[], object]] = ()
) -> None:
    """Deliver and do ``jobs`` every ``sweep_seconds`` until ``stop`` is set; sends under way are finished.

    Delivering and the project's handlers do not wait for that where the database announces commits. Each job runs in a
    thread of its own, the handlers too: neither a slow shop nor a slow platform, nor a mail server that hangs, holds up
    anything else. Each keeps its own pace and returns early when nothing is to be done. Database errors are logged and
    waited out.
    """
    rounds, beat = _Rounds(stop, sweep_seconds), _Beat()
    threading.Thread(target=rounds.wake_at_stop, name="scanforpay-stop", daemon=True).start()
    works: list[Callable[[], None]] = [
        *(partial(rounds.do_job, job) for job in jobs),
        partial(rounds.do_job, beat.work),
    ]
    helpers = [
        threading.Thread(target=work, name="scanforpay-job", daemon=True)
        for work in (*works, rounds.call_handlers)
    ]
    listener = threading.Thread(
        target=listen, args=(stop, sweep_seconds), name="scanforpay-listen", daemon=True
    )
    for helper in (*helpers, listener):
        helper.start()
    stopped_at: list[float] = []

    def is_over() -> bool:
        beat.loop_is_alive()
        if stop.is_set() and not stopped_at:
            stopped_at.append(time.monotonic())
        return stop.is_set()

    try:
        rounds.repeat(lambda: drain(max_seconds=3600, until=is_over, sweep_seconds=sweep_seconds))
    finally:
        connections.close_all()
    is_over()
    listener.join(timeout=_LISTENER_SECONDS)
    for helper in helpers:
        helper.join(timeout=max(0.0, stopped_at[0] + _LAST_SECONDS - time.monotonic()))
    beat.end()
