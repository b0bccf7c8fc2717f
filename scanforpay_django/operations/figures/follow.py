"""Find the days that have changed, and write their figures anew.

Every row that changes a figure is new in one of three tables, and its key is its number: an order that was made, a
payment that was begun, an event of what became of them. Numbers are given out before the COMMIT, so one may appear
below those that were read already. What is younger than ``MARGIN`` is therefore read again each time, and counted once.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models

from scanforpay_django import clock
from scanforpay_django.books.postings import post_orders
from scanforpay_django.models import FigureMark, Order, OrderEvent, Payment, Refund, Store
from scanforpay_django.models.keys_by_time import find_first_key
from scanforpay_django.models.moments import database_now
from scanforpay_django.operations.figures.rebuild import empty_old_slots, rebuild_days

#: a transaction ends sooner after it has taken its number, the difference of the hosts' clocks included; what takes
#: longer is counted the next day
MARGIN = timedelta(minutes=15)
RECOUNTED = timedelta(days=3)
#: rows of one statement, and so many statements for a table in one run
PAGE, MAX_PAGES = 2000, 50
#: a store whose days take longer is counted again after a pause: so many times as long, at most so long
LONG_SECONDS, PAUSE, MAX_PAUSE_SECONDS = 1.0, 20, 300.0
#: figures that were read so lately, by any process, are good enough
FRESH_SECONDS = 10.0
#: days before the first run that are counted: what the overview shows, and a week to compare with
FIRST_DAYS = 42
WEEK = 7


@dataclass(frozen=True)
class Watched:
    """A table whose new rows change figures."""

    model: type[models.Model]
    # when a row took its number
    made_at: str
    order_path: str

    @property
    def name(self) -> str:
        """What its mark is called."""
        return str(self.model._meta.model_name)


WATCHED = (
    Watched(model=Order, made_at="created_at", order_path="pk"),
    Watched(model=Payment, made_at="created_at", order_path="order"),
    Watched(model=OrderEvent, made_at="at", order_path="order"),
)


@dataclass
class _Touched:
    """What of a store has changed."""

    store: Store
    days: set[date]
    orders: set[int]


#: rows that were read: their keys, moments and orders
_Page = list[tuple[int, datetime, int]]


@dataclass
class ChangeFollower:
    """One process's way of following changes; the marks are everybody's."""

    # table -> what was read above its mark in the last run: the figures have it
    _seen: dict[str, set[tuple[int, datetime]]] = field(default_factory=lambda: defaultdict(set))
    # store -> when its days may be counted again, where that takes long
    _next_at: dict[int, float] = field(default_factory=dict)

    def __call__(self) -> bool:
        """Write the figures of days that have changed; whether there is more to be done."""
        marks = FigureMark.objects.positions()
        if "backfill" not in marks:
            _begin()
            return True
        young = clock.now() - MARGIN
        reads = [_Read(watched, marks[watched.name], young) for watched in WATCHED]
        orders = {
            order for read in reads for key, at, order in read.rows if (key, at) not in self._seen[read.name]
        }
        # The day's fees are counted from the ledger.
        post_orders(orders)
        postponed = self._count(find_touched(orders))
        for read in reads:
            # What waits is read again: no mark goes beyond it.
            if not postponed:
                FigureMark.objects.move(read.name, read.done_up_to)
            self._seen[read.name] = {
                (key, at)
                for key, at, order in read.rows
                if order not in postponed and (postponed or key > read.done_up_to)
            }
        is_filling = fill_a_week(marks["backfill"])
        has_more = any(read.has_more for read in reads)
        if not has_more and not postponed:
            FigureMark.objects.stamp()
        return is_filling or has_more

    def _count(self, touched: list[_Touched]) -> set[int]:
        """Count the days again; the orders of stores that wait, since days that take long are counted less often."""
        postponed: set[int] = set()
        for one in touched:
            if time.monotonic() < self._next_at.get(one.store.pk, 0.0):
                postponed |= one.orders
                continue
            begun = time.monotonic()
            for day in sorted(one.days):
                rebuild_days(one.store, day, day)
            took = time.monotonic() - begun
            if took > LONG_SECONDS:
                self._next_at[one.store.pk] = begun + min(took * PAUSE, MAX_PAUSE_SECONDS)
        return postponed

    def forget(self) -> None:
        """What was read, and how long it took."""
        self._seen.clear()
        self._next_at.clear()


class _Read:
    """The rows of a table above its mark."""

    def __init__(self, watched: Watched, mark: int, young: datetime) -> None:
        self.name = watched.name
        self.rows: _Page = []
        #: the last key before the first row that is young: all up to there are committed
        self.done_up_to = mark
        self.has_more = True
        last, is_old, pages = mark, True, 0
        # What is young is read to its end: the next run would begin at the same key.
        while pages < MAX_PAGES or not is_old:
            pages += 1
            page = _read_page(watched, last)
            for key, at, _order in page:
                is_old = is_old and at < young
                self.done_up_to = key if is_old else self.done_up_to
            self.rows += page
            if len(page) < PAGE:
                self.has_more = False
                return
            last = page[-1][0]


def _read_page(watched: Watched, after: int) -> _Page:
    rows: Any = watched.model._default_manager.filter(pk__gt=after).order_by("pk")  # noqa: SLF001
    return list(rows.values_list("pk", watched.made_at, watched.order_path)[:PAGE])


def find_touched(orders: Iterable[int]) -> list[_Touched]:
    """By store, the days of its time zone that these orders are in: when they were made, paid and refunded."""
    moments: dict[int, set[datetime]] = defaultdict(set)
    members: dict[int, set[int]] = defaultdict(set)
    for keys in _slices(sorted(orders)):
        found = Order.objects.filter(pk__in=keys).order_by()
        for pk, store_id, created_at, paid_at in found.values_list("pk", "store", "created_at", "paid_at"):
            members[store_id].add(pk)
            moments[store_id] |= {created_at, paid_at or created_at}
        refunds = Refund.objects.filter(order__in=keys, finished_at__isnull=False).order_by()
        for store_id, finished_at in refunds.values_list("order__store", "finished_at"):
            moments[store_id] |= {finished_at} if finished_at else set()
    return [
        _Touched(store, {moment.astimezone(store.zone).date() for moment in moments[pk]}, members[pk])
        for pk, store in Store.objects.in_bulk(moments.keys()).items()
    ]


def _slices(keys: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(keys), PAGE):
        yield keys[start : start + PAGE]


def _begin() -> None:
    """What is older than the margin is counted by its days, from today back; what is newer is followed."""
    for watched in WATCHED:
        first = find_first_key(watched.model, watched.made_at, clock.now() - MARGIN)
        FigureMark.objects.begin(watched.name, max(0, first - 1))
    # the last one: it says that the others are there
    FigureMark.objects.begin("backfill", 0)


def fill_a_week(done: int) -> bool:
    """Count seven more of the days before the first run; whether there are more. ``done``: how many there were."""
    if done >= FIRST_DAYS:
        return False
    for store in Store.objects.order_by("pk"):
        last = clock.now().astimezone(store.zone).date() - timedelta(days=done)
        rebuild_days(store, last - timedelta(days=WEEK - 1), last)
    FigureMark.objects.move("backfill", done + WEEK)
    return done + WEEK < FIRST_DAYS


@dataclass
class FollowInTurn:
    """The periodic job: of several workers one follows at a time, and a run that takes long is paused after. What is
    sold by the thousand is read again with each run, and deliveries wait for the same processor.
    """

    follow: Callable[[], bool]
    _pause_seconds: float = 0.0
    _next_at: float = 0.0

    def __call__(self) -> bool:
        """Follow, unless it was done a moment ago, here or elsewhere; whether there is more to be done."""
        begun = time.monotonic()
        if begun < self._next_at or self._is_done_elsewhere():
            return False
        has_more = self.follow()
        took = time.monotonic() - begun
        self._pause_seconds = min(took * PAUSE, MAX_PAUSE_SECONDS) if took > LONG_SECONDS else 0.0
        self._next_at = 0.0 if has_more else begun + self._pause_seconds
        return has_more

    def _is_done_elsewhere(self) -> bool:
        pause = timedelta(seconds=max(FRESH_SECONDS, self._pause_seconds))
        return FigureMark.objects.last_read().filter(at__gt=database_now() - pause).exists()


follow_changes = ChangeFollower()
follow_in_turn = FollowInTurn(follow_changes)


def tidy_up() -> None:
    """Once a day: count the last days again, should a transaction have taken longer than ``MARGIN``, and empty the
    slots of days that no page compares with any more.
    """
    now = clock.now()
    FigureMark.objects.begin("tidied", 0)
    if FigureMark.objects.positions()["tidied"] >= now.date().toordinal():
        return
    for store in Store.objects.order_by("pk"):
        today = now.astimezone(store.zone).date()
        rebuild_days(store, today - RECOUNTED, today - timedelta(days=1))
    empty_old_slots(now.date())
    FigureMark.objects.move("tidied", now.date().toordinal())
