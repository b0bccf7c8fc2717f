"""Today beside the same weekday of last week until the same time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from operator import add

from django.db.models import QuerySet

from scanforpay_django.models import DailyFigure
from scanforpay_django.operations.figures.count_days import SLOT_MINUTES
from scanforpay_django.operations.figures.durations import add_up, find_quantile

WEEK = timedelta(days=7)


@dataclass
class DaySums:
    """A day's sums: of its orders in all currencies, of its money by currency."""

    orders: Counter[str] = field(default_factory=Counter)
    money: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, currency: str, numbers: Mapping[str, int]) -> None:
        """Counts are added over currencies, amounts are not."""
        for name, number in numbers.items():
            if name.startswith(("paid", "refunded")):
                self.money.setdefault(currency, Counter())[name] += number
            else:
                self.orders[name] += number

    def get(self, currency: str, name: str) -> int:
        """0 where there was nothing."""
        return self.money.get(currency, Counter())[name]

    @property
    def paid_part(self) -> float | None:
        """Of the orders that were opened, how many were paid, in per cent; None of none."""
        opened = self.orders["opened_count"]
        return 100 * self.orders["opened_paid_count"] / opened if opened else None

    def find_refunded_part(self, currency: str) -> float | None:
        """What was refunded, in per cent of what was paid; None where nothing was."""
        paid = self.get(currency, "paid_amount")
        return 100 * self.get(currency, "refunded_amount") / paid if paid else None


@dataclass
class Today:
    """The day so far, and what it is compared with."""

    day: date
    # the beginning of the five minutes that are going on: both days are compared up to there
    until: time
    so_far: DaySums = field(default_factory=DaySums)
    compared: DaySums = field(default_factory=DaySums)
    last_week: DaySums = field(default_factory=DaySums)
    pay_times: Counter[int] = field(default_factory=Counter)
    # of the whole day
    last_pay_times: Counter[int] = field(default_factory=Counter)

    @property
    def last_day(self) -> date:
        """The same weekday of last week."""
        return self.day - WEEK

    @property
    def currencies(self) -> list[str]:
        """In which something was paid or refunded on one of the two days."""
        return sorted(self.so_far.money.keys() | self.last_week.money.keys())

    @property
    def left_count(self) -> int:
        """Opened, neither paid nor waiting, and refused by no platform."""
        orders = self.so_far.orders
        others = ("opened_paid_count", "opened_waiting_count", "opened_refused_count")
        return orders["opened_count"] - sum(orders[name] for name in others)

    def find_pay_time(self, part: float) -> float | None:
        """Seconds within which that part of today's payments was made."""
        return find_quantile(self.pay_times, part)


def read_today(figures: "QuerySet[DailyFigure]", now: datetime, read_at: datetime | None = None) -> Today:
    """``now`` in the reader's time zone; ``read_at``: when the figures were as the rows, so the last moment that may
    be compared. One statement.
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    known = min(now, max(midnight, read_at.astimezone(now.tzinfo))) if read_at else now
    slot = (known.hour * 60 + known.minute) // SLOT_MINUTES
    hour, minute = divmod(slot * SLOT_MINUTES, 60)
    today = Today(day=now.date(), until=time(hour, minute))
    rows = list(figures.filter(day__in=(today.day, today.last_day)).order_by())
    new, old = (
        [row for row in rows if row.day == today.day],
        [row for row in rows if row.day == today.last_day],
    )
    for row in new:
        today.so_far.add(row.currency, {name: getattr(row, name) for name in DailyFigure.SUMS})
    _add_slots(today.compared, new, slot)
    _add_slots(today.last_week, old, slot)
    today.pay_times = add_up(row.pay_times for row in new)
    today.last_pay_times = add_up(row.pay_times for row in old)
    return today


def _add_slots(sums: DaySums, rows: Iterable[DailyFigure], before: int) -> None:
    """Those that have ended before the slot that is going on."""
    totals: dict[str, list[int]] = defaultdict(lambda: [0] * len(DailyFigure.SUMS))
    for row in rows:
        total = totals[row.currency]
        for slot, numbers in row.slots.items():
            if int(slot) < before:
                total[:] = map(add, total, numbers)
    for currency, total in totals.items():
        sums.add(currency, dict(zip(DailyFigure.SUMS, total, strict=True)))


def find_change(new: float, old: float) -> float | None:
    """In per cent; None where there was nothing to compare with."""
    return 100 * (new - old) / old if old else None
