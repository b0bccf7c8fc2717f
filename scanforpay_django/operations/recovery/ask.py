"""Ask the platforms about every order that may have been paid since the copy was made."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Self

from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError, connections

from scanforpay_django import clock
from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.flows.find_lost_payments import find_lost_payments
from scanforpay_django.models import Order, RestoreMark
from scanforpay_django.models.database import connection

logger = logging.getLogger(__name__)

#: orders read at once
TOGETHER = 500


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

    orders: int = 0
    # attempts that were not here
    found: int = 0
    # order number -> why its platform could not be asked
    faults: dict[str, str] = field(default_factory=dict)


def ask_about_orders(
    mark: RestoreMark, *, per_second: float, threads: int, report: Callable[[Asked], None]
) -> Asked:
    """Every open order of the copy, once. One that was asked about before is left out, by this command or by the
    worker: it may be broken off and repeated. ``report`` is called now and then.
    """
    asked, pace = Asked(), Pace(per_second)
    # One SQLite database has one writer.
    with _Askers(1 if connection().vendor == "sqlite" else threads) as askers:
        for part in _parts(mark):
            for order_no, found in askers.ask(part, pace):
                asked.orders += 1
                if isinstance(found, str):
                    asked.faults[order_no] = found
                else:
                    asked.found += found
            report(asked)
    if not asked.faults:
        RestoreMark.objects.filter(pk=mark.pk, asked_at=None).update(asked_at=clock.now())
    return asked


class _Askers:
    """Threads that ask, or this one alone."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def ask(self, orders: Iterable[Order], pace: Pace) -> Iterable[tuple[str, int | str]]:
        """The orders' numbers, each with how many attempts were found, or why it could not be asked."""
        if self._pool is None:
            return (_ask(order, pace) for order in orders)
        return self._pool.map(lambda order: self._ask_here(order, pace), orders)

    def _ask_here(self, order: Order, pace: Pace) -> tuple[str, int | str]:
        try:
            return _ask(order, pace)
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


def _ask(order: Order, pace: Pace) -> tuple[str, int | str]:
    try:
        return order.order_no, find_lost_payments(order, before_each=pace.wait)
    except (ScanForPayError, ImproperlyConfigured) as error:
        return order.order_no, str(error) or type(error).__name__
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        # It keeps no other order from being asked about.
        logger.exception("%s could not be asked about", order.order_no)
        return order.order_no, type(error).__name__
