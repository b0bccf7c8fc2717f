"""Ask the platforms about every order that may have been paid since the copy was made."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Self, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError, connections

from scanforpay_django import clock
from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.flows.find_lost_payments import find_lost_payments
from scanforpay_django.models import Order, Payment, RestoreMark
from scanforpay_django.models.database import connection

logger = logging.getLogger(__name__)

#: rows read at once
TOGETHER = 500
Row = TypeVar("Row", Order, Payment)


class Pace:
    """So many questions a second to each wallet account, of all threads together."""

    def __init__(self, per_second: float) -> None:
        self._seconds = 1 / per_second
        self._lock = threading.Lock()
        self._next: dict[int, float] = {}

    def take_turn(self, account_id: int, now: float) -> float:
        """When the next question may be put, as ``now`` is counted: in seconds."""
        with self._lock:
            turn = max(now, self._next.get(account_id, now))
            self._next[account_id] = turn + self._seconds
        return turn

    def wait(self, account_id: int) -> None:
        """Until it is this question's turn."""
        turn = self.take_turn(account_id, time.monotonic())
        time.sleep(max(0.0, turn - time.monotonic()))


@dataclass(kw_only=True)
class Asked:
    """What came of it so far."""

    # orders or payments that were asked about
    rows: int = 0
    # attempts or refunds that were not here
    found: int = 0
    # the row's number -> why its platform could not be asked
    faults: dict[str, str] = field(default_factory=dict)

    def count(self, number: str, found: int | str) -> None:
        """How many were found for a row, or why it could not be asked about."""
        self.rows += 1
        if isinstance(found, str):
            self.faults[number] = found
        else:
            self.found += found


def ask_about_orders(
    mark: RestoreMark, *, per_second: float, threads: int, report: Callable[[Asked], None]
) -> Asked:
    """Every open order of the copy, once. One that was asked about before is left out, by this command or by the
    worker: it may be broken off and repeated. ``report`` is called now and then.
    """
    asked, pace = Asked(), Pace(per_second)
    with Askers(threads) as askers:
        for part in _parts(mark):
            for order, found in askers.ask(part, partial(find_lost_payments, before_each=pace.wait)):
                asked.count(order.order_no, found)
            report(asked)
    if not asked.faults:
        RestoreMark.objects.filter(pk=mark.pk, asked_at=None).update(asked_at=clock.now())
    return asked


class Askers:
    """Threads that ask, or this one alone: one SQLite database has one writer."""

    def __init__(self, threads: int) -> None:
        is_alone = threads == 1 or connection().vendor == "sqlite"
        self._pool = None if is_alone else ThreadPoolExecutor(threads)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def ask(self, rows: Iterable[Row], question: Callable[[Row], int]) -> Iterable[tuple[Row, int | str]]:
        """The rows in their order, each with what was found, or why it could not be asked about."""
        if self._pool is None:
            return (_ask(row, question) for row in rows)
        return self._pool.map(lambda row: _ask_here(row, question), rows)


def _ask_here(row: Row, question: Callable[[Row], int]) -> tuple[Row, int | str]:
    try:
        return _ask(row, question)
    finally:
        # A connection to the database is cheap beside five questions to a platform.
        connections.close_all()


def _parts(mark: RestoreMark) -> Iterator[list[Order]]:
    """By the key, so that one that cannot be asked does not come again."""
    last = 0
    while True:
        rows = mark.unasked_orders().filter(pk__gt=last).select_related("store", "partner").order_by("pk")
        part = list(rows[:TOGETHER])
        if not part:
            return
        yield part
        last = part[-1].pk


def _ask(row: Row, question: Callable[[Row], int]) -> tuple[Row, int | str]:
    try:
        return row, question(row)
    except (ScanForPayError, ImproperlyConfigured) as error:
        return row, str(error) or type(error).__name__
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        # It keeps no other row from being asked about.
        logger.exception("%s could not be asked about", row)
        return row, type(error).__name__
