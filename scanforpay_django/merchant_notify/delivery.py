"""Emptying the queue: claim, send, record, all at the same time and never an HTTP call inside a transaction.

One event loop sends; one thread talks to the database, for the ORM must not run inside a loop. Neither
waits for the other: while answers are outstanding, finished tries are recorded and new ones claimed.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, connections

from scanforpay_django.conf import conf
from scanforpay_django.merchant_notify.claim import MOST_AT_ONCE, Claim, Claimed, claim, is_anything_due
from scanforpay_django.merchant_notify.endpoints import SLOW_SECONDS
from scanforpay_django.merchant_notify.occupancy import Occupancy
from scanforpay_django.merchant_notify.record import Result, give_up, record
from scanforpay_django.merchant_notify.rotation import Rotation
from scanforpay_django.merchant_notify.tally import Tally
from scanforpay_django.merchant_notify.worker_woken import worker_woken
from scanforpay_django.models.database import connection
from scanforpay_django.spans import Span, begin_span
from scanforpay_django.transport import Outcome, Sender

logger = logging.getLogger(__name__)

# So many may hang, as a multiple of the slots.
MAX_IN_FLIGHT = 8
QUEUE_POLL_SECONDS = 0.5
#: when another worker's claim has an endpoint; a claim takes less
CONTENDED_SECONDS = 0.02
RECORD_AT_ONCE = 200
#: a send that began so recently is likely to be answered in a moment, and those that are answered wait for it so long
SOON_SECONDS, GATHER_SECONDS = 0.05, 0.004
TALLY_SECONDS = 5.0

_Result = TypeVar("_Result")


@dataclass(kw_only=True)
class DrainReport:
    """What one drain() did, in numbers of tries."""

    claimed: int = 0
    delivered: int = 0
    # failed, to be tried again
    failed: int = 0
    # given up
    exhausted: int = 0
    # not sent, for the order is no longer paid
    superseded: int = 0
    # not recorded: the lease was lost
    lost: int = 0


class _Drain:
    """One run of drain()."""

    def __init__(
        self, report: DrainReport, ends_at: float, until: Callable[[], bool], sweep_seconds: float | None
    ) -> None:
        self._report = report
        self._ends_at = ends_at
        self._until = until
        self._sweep_seconds = sweep_seconds
        self._slots = conf.notify_concurrency
        self._started: dict[asyncio.Task[None], tuple[float, Claimed]] = {}
        self._rotation = Rotation()
        self._finished: list[Result] = []
        self._changed = asyncio.Event()
        self._has_found = False
        # whether anything has happened since a claim left slots free
        self._may_find_more = True
        # until then a slow start's bucket may fill, or another worker's claim end
        self._slowed_until = 0.0
        # how long to wait for that, or for whatever else may have become due
        self._poll_seconds = QUEUE_POLL_SECONDS
        self._failure: DatabaseError | InterfaceError | None = None
        self._tally = Tally()
        self._tally_at = time.monotonic() + TALLY_SECONDS

    async def run(self) -> None:
        """Until it is over and nothing under way. Raises the database's error after the sends have ended."""
        loop = asyncio.get_running_loop()

        def look() -> None:
            self._may_find_more = True
            with contextlib.suppress(RuntimeError):  # the loop has just ended
                loop.call_soon_threadsafe(self._changed.set)

        with worker_woken.calling(look), ThreadPoolExecutor(1, "scanforpay-queue") as self._thread:
            try:
                async with Sender(self._slots * MAX_IN_FLIGHT, conf.notify_deadline_seconds) as self._sender:
                    await self._work()
            finally:
                await self._in_thread(self._write_tally)
                await self._in_thread(connections.close_all)
        if self._failure is not None:
            raise self._failure

    async def _work(self) -> None:
        while True:
            self._changed.clear()
            await self._gather()
            recorded = await self._record()
            self._may_find_more = self._may_find_more or recorded > 0
            is_busy = recorded + await self._claim()
            if is_busy or self._finished:
                continue
            if self._started or time.monotonic() < self._slowed_until:
                await self._wait(self._poll_seconds)
            elif self._sweep_seconds is None or self._is_over():
                return
            else:
                await self._in_thread(self._write_tally)
                await self._wait(self._sweep_seconds)

    async def _gather(self) -> None:
        """Leave answers that are about to come a moment: a batch of many takes the database little longer than one."""
        just_now = time.monotonic() - SOON_SECONDS
        coming = sum(1 for started, _claimed in self._started.values() if started > just_now)
        if 0 < len(self._finished) < coming:
            await asyncio.sleep(GATHER_SECONDS)

    def _is_over(self) -> bool:
        """Whether nothing more may be claimed."""
        return self._failure is not None or time.monotonic() >= self._ends_at or self._until()

    async def _wait(self, seconds: float) -> None:
        """Until a send ends or the worker is woken, at the longest ``seconds``."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            self._may_find_more = True

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _record(self) -> int:
        batch, self._finished = self._finished[:RECORD_AT_ONCE], self._finished[RECORD_AT_ONCE:]
        if batch:
            recorded = await self._in_thread(partial(record, batch))
            self._report.delivered += recorded.delivered
            self._report.failed += recorded.waiting
            self._report.exhausted += len(recorded.exhausted)
            self._report.lost += recorded.lost
            self._tally.add(result.tried for result in batch)
        if time.monotonic() >= self._tally_at:
            self._tally_at = time.monotonic() + TALLY_SECONDS
            await self._in_thread(self._write_tally)
        return len(batch)

    def _write_tally(self) -> None:
        try:
            self._tally.write()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("statistics of some seconds are lost: %s", error)

    def _occupancy(self) -> Occupancy:
        """What is in flight. What is not recorded keeps its slot: a killed worker leaves no more in doubt than that."""
        quick_since = time.monotonic() - SLOW_SECONDS
        occupancy = Occupancy(slots=self._slots, most=self._slots * MAX_IN_FLIGHT)
        for started, claimed in self._started.values():
            occupancy.add(claimed.partner_pk, claimed.endpoint, is_quick=started > quick_since)
        for result in self._finished:
            occupancy.add(result.claimed.partner_pk, result.claimed.endpoint, is_quick=True)
        return occupancy

    async def _claim(self) -> int:
        occupancy = self._occupancy()
        if occupancy.free <= 0 or self._is_over():
            self._slowed_until = 0.0
            return 0
        if not self._may_find_more:
            return 0
        self._may_find_more = False
        free = occupancy.free
        held_until = time.monotonic() + conf.notify_lease_seconds
        try:
            # Right after a claim there is more to be had, or the claim itself finds out.
            look_first = not self._has_found
            claimed = await self._in_thread(partial(_claim_due, occupancy, self._rotation, look_first))
        except (DatabaseError, InterfaceError) as error:
            self._failure = error
            return 0
        self._count(claimed)
        self._has_found = bool(claimed.taken)
        if claimed.is_unfinished or len(claimed.taken) >= min(free, MOST_AT_ONCE):
            self._may_find_more = True
        self._poll_seconds = CONTENDED_SECONDS if claimed.is_contended else QUEUE_POLL_SECONDS
        if claimed.is_slowed or claimed.is_contended:
            self._slowed_until = time.monotonic() + QUEUE_POLL_SECONDS
        for one in claimed.taken:
            task = asyncio.create_task(self._send(one, held_until))
            self._started[task] = (time.monotonic(), one)
            task.add_done_callback(self._end)
        return len(claimed.taken) + claimed.superseded + len(claimed.exhausted) + claimed.is_unfinished

    def _count(self, claimed: Claim) -> None:
        self._report.claimed += len(claimed.taken)
        self._report.superseded += claimed.superseded
        self._report.exhausted += len(claimed.exhausted)

    async def _send(self, claimed: Claimed, held_until: float) -> None:
        if time.monotonic() >= held_until:
            # Paused since it was claimed: by now it is another worker's, or the order is paid no more.
            self._report.lost += 1
            return
        described = {"notification": claimed.pk, "partner": claimed.partner_pk, "attempt": claimed.tries}
        with begin_span("deliver", **described) as span:
            if claimed.obstacle:
                outcome = Outcome(status=None, reason=claimed.obstacle)
            else:
                outcome = await self._sender.send(
                    claimed.url, claimed.body, claimed.headers, claimed.partner_pk
                )
            result = Result(claimed=claimed, outcome=outcome)
            if span.is_recording:
                _describe(span, result)
        self._finished.append(result)

    def _end(self, task: "asyncio.Task[None]") -> None:
        self._started.pop(task, None)
        self._changed.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a send ended unexpectedly; its lease will run out", exc_info=error)


def _describe(span: Span, result: Result) -> None:
    span.set(
        outcome="acknowledged" if result.is_acknowledged else "failed", status=result.outcome.status_read
    )
    if not result.is_acknowledged:
        span.fail("NotAcknowledged")


def _claim_due(occupancy: Occupancy, rotation: Rotation, look_first: bool) -> Claim:
    """A claim; with ``look_first`` no lock is taken where nothing is due."""
    is_due = not look_first or is_anything_due()
    claimed = claim(occupancy.free, occupancy, rotation) if is_due else Claim()
    give_up(claimed.exhausted)
    return claimed


def drain(
    *,
    max_seconds: float = 50.0,
    until: Callable[[], bool] | None = None,
    sweep_seconds: float | None = None,
) -> DrainReport:
    """Deliver what is due; new messages are claimed as they come, for ``max_seconds``.

    Returns when nothing may go and nothing is under way, at the latest one deadline after ``max_seconds``
    or after ``until()`` turned true: sends under way are finished and recorded. With ``sweep_seconds`` it stays when
    nothing may go, its connections open, and looks again when ``worker_woken`` is sent, at the latest after so many
    seconds. Call it outside a transaction and outside an event loop; any number of processes may run it at once.
    Raises the database's errors.
    """
    if connection().in_atomic_block:
        raise RuntimeError("drain() calls merchants: it must not run inside a transaction")
    report = DrainReport()
    if (until is not None and until()) or (sweep_seconds is None and not is_anything_due()):
        return report
    run = _Drain(report, time.monotonic() + max_seconds, until or (lambda: False), sweep_seconds)
    asyncio.run(run.run())
    return report
