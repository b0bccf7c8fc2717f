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


def _do_each(stop: threading.Event, jobs: Sequence[Callable[[], object]]) -> None:
    """One round. What a job raises is raised when all have had their turn; of several the last, the others logged."""
    failed: Exception | None = None
    for job in jobs:
        if stop.is_set():
            break
        try:
            job()
        except Exception as error:
            if failed is not None:
                logger.error("a job failed", exc_info=failed)
            failed = error
    if failed is not None:
        raise failed


def _do_jobs(stop: threading.Event, jobs: Sequence[Callable[[], object]], pause_seconds: float) -> None:
    try:
        _repeat(stop, lambda: _do_each(stop, jobs), pause_seconds=pause_seconds)
    finally:
        connections.close_all()


def run_worker(
    stop: threading.Event, *, sweep_seconds: float = 1.0, jobs: Sequence[Callable[[], object]] = ()
) -> None:
    """Deliver and do ``jobs`` every ``sweep_seconds`` until ``stop`` is set; sends under way are finished.

    The jobs run in a thread of their own, so that neither a slow shop nor a slow platform holds up the other side, and
    the project's handlers in another. Each job keeps its own pace and returns early when nothing is to be done.
    Database errors are logged and waited out.
    """
    helper = threading.Thread(
        target=_do_jobs, args=(stop, jobs, sweep_seconds), name="scanforpay-jobs", daemon=True
    )
    if jobs:
        helper.start()
    caller = threading.Thread(
        target=_do_jobs, args=(stop, (call_handlers,), sweep_seconds), name="scanforpay-handlers", daemon=True
    )
    caller.start()
    stopped_at: list[float] = []

    def is_over() -> bool:
        if stop.is_set() and not stopped_at:
            stopped_at.append(time.monotonic())
        return stop.is_set()

    try:
        _repeat(stop, lambda: drain(max_seconds=3600, until=is_over), pause_seconds=sweep_seconds)
    finally:
        connections.close_all()
    if jobs:
        is_over()
        helper.join(timeout=max(0.0, stopped_at[0] + _LAST_SECONDS - time.monotonic()))
