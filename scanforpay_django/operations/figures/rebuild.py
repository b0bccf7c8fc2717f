"""Write a store's days anew: whatever stands there, afterwards it is what the rows say."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models.functions import Left

from scanforpay_django import clock
from scanforpay_django.models import ArchivedNumber, DailyFigure, FigureMark, Store
from scanforpay_django.models.daily_figure import LOCK
from scanforpay_django.models.database import atomic
from scanforpay_django.operations.figures.count_days import FigureKey, Figures, count_days

#: days of one transaction
DAYS_TOGETHER = 7
#: today, the same weekday of last week, and one to either side for stores in other time zones
SLOTS_KEPT_DAYS = 9
#: A payment may be refused after its order has ended, and that alone is no event of the order.
COMPARED = tuple(name for name in DailyFigure.SUMS if name != "opened_refused_count")
#: an order lives 7 days at most, and is paid by then
LIFETIME = timedelta(days=8)


def rebuild_days(store: Store, first: date, last: date) -> int:
    """Count the days again and write what differs; how many rows that were. Days of which orders have been archived
    stay as they are.
    """
    first = max(first, find_first_whole_day(store))
    return sum(
        _rebuild(store, start, min(start + timedelta(days=DAYS_TOGETHER - 1), last))
        for start in _starts(first, last)
    )


def find_first_whole_day(store: Store) -> date:
    """The first day that no archived order belongs to."""
    newest = ArchivedNumber.objects.order_by("-order_no").values_list(Left("order_no", 14), flat=True).first()
    try:
        # Our numbers begin with the moment.
        created = datetime.strptime(newest or "", "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return date.min
    return (created + LIFETIME).astimezone(store.zone).date() + timedelta(days=1)


def find_wrong_days(store: Store, first: date, last: date) -> set[date]:
    """Days whose figures are not what the rows say."""
    first = max(first, find_first_whole_day(store))
    if first > last:
        return set()
    stored, counted = _stored(store, first, last), count_days(store, first, last)
    return {
        key.day
        for key in stored.keys() | counted.keys()
        if any(
            getattr(stored.get(key), name, 0) != counted.get(key, Figures()).sums[name] for name in COMPARED
        )
    }


def empty_old_slots(today: date) -> None:
    """Of days that no page compares with any more; those before were emptied when they were that old."""
    first, last = today - timedelta(days=SLOTS_KEPT_DAYS + 7), today - timedelta(days=SLOTS_KEPT_DAYS + 1)
    DailyFigure.objects.filter(day__gte=first, day__lte=last).update(slots={})


def _starts(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=DAYS_TOGETHER)


def _rebuild(store: Store, first: date, last: date) -> int:
    FigureMark.objects.begin(LOCK, 0)
    with atomic():
        FigureMark.objects.lock()
        stored = _stored(store, first, last)
        counted = count_days(store, first, last)
        gone = [row.pk for key, row in stored.items() if key not in counted]
        DailyFigure.objects.filter(pk__in=gone).delete()
        oldest = clock.now().date() - timedelta(days=SLOTS_KEPT_DAYS)
        return len(gone) + sum(
            _write(store, key, stored.get(key), figures.columns(has_slots=key.day >= oldest))
            for key, figures in counted.items()
        )


def _stored(store: Store, first: date, last: date) -> dict[FigureKey, DailyFigure]:
    rows = DailyFigure.objects.filter(store=store, day__gte=first, day__lte=last)
    return {FigureKey(row.day, row.wallet, row.currency): row for row in rows}


def _write(store: Store, key: FigureKey, row: DailyFigure | None, columns: dict[str, Any]) -> bool:
    """Write a day; whether anything differed."""
    if row is None:
        DailyFigure.objects.create(
            store=store, day=key.day, wallet=key.wallet, currency=key.currency, **columns
        )
        return True
    changed = {name: value for name, value in columns.items() if getattr(row, name) != value}
    if changed:
        DailyFigure.objects.filter(pk=row.pk).update(**changed)
    return bool(changed)
