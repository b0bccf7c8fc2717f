"""The worker's loop without Celery or Redis: deliver, do the periodic jobs, and outlive the database."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from scanforpay_django.flows.call_handlers import call_handlers
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.periodic import PERIODIC_JOBS

logger = logging.getLogger(__name__)

_LONGEST_BACKOFF_SECONDS = 30.0
#: a job that rests for so long keeps no connection of its thread
IDLE_SECONDS = 10.0
#: after the signal; sends under way need 15 at most, a platform that is being asked may have the rest
_LAST_SECONDS = 20.0


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


def periodic_jobs() -> tuple[Paced, ...]:
    """What ``run_worker`` does beside delivering, from the table."""
    return tuple(
        Paced(work, job.worker_seconds)
        for job in PERIODIC_JOBS
        if job.worker_seconds is not None
        for work in job.load()
    )


def _repeat(stop: threading.Event, work: Callable[[], object], *, pause_seconds: float) -> None:
    """Call ``work`` until ``stop``; after a failure wait longer each time."""
    failures = 0
    while not stop.is_set():
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
        stop.wait(min(pause_seconds * 2 ** min(failures, 10), max(_LONGEST_BACKOFF_SECONDS, pause_seconds)))


def _do_job(stop: threading.Event, job: Callable[[], object], pause_seconds: float) -> None:
    try:
        _repeat(stop, job, pause_seconds=pause_seconds)
    finally:
        connections.close_all()


def run_worker(
    stop: threading.Event, *, sweep_seconds: float = 1.0, jobs: Sequence[Callable[[], object]] = ()
) -> None:
    """Deliver and do ``jobs`` every ``sweep_seconds`` until ``stop`` is set; sends under way are finished.

    Each job runs in a thread of its own, the project's handlers too: neither a slow shop nor a slow platform, nor a
    mail server that hangs, holds up anything else. Each keeps its own pace and returns early when nothing is to be
    done. Database errors are logged and waited out.
    """
    helpers = [
        threading.Thread(target=_do_job, args=(stop, job, sweep_seconds), name="scanforpay-job", daemon=True)
        for job in (*jobs, call_handlers)
    ]
    for helper in helpers:
        helper.start()
    stopped_at: list[float] = []

    def is_over() -> bool:
        if stop.is_set() and not stopped_at:
            stopped_at.append(time.monotonic())
        return stop.is_set()

    try:
        _repeat(stop, lambda: drain(max_seconds=3600, until=is_over), pause_seconds=sweep_seconds)
    finally:
        connections.close_all()
    is_over()
    for helper in helpers:
        helper.join(timeout=max(0.0, stopped_at[0] + _LAST_SECONDS - time.monotonic()))
