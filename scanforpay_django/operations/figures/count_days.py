"""Count a store's days from the rows."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, Min, OuterRef

from scanforpay_django.books.fees import sum_fees
from scanforpay_django.models import DailyFigure, Order, Payment, Posting, Refund, Store
from scanforpay_django.operations.figures.durations import find_bucket

SLOT_MINUTES = 5
#: rows that are in memory at a time
CHUNK = 2000


@dataclass(frozen=True)
class FigureKey:
    """Whose figures of a store they are."""

    day: date
    wallet: str
    currency: str


@dataclass
class Figures:
    """What is counted: columns of DailyFigure."""

    sums: Counter[str] = field(default_factory=Counter)
    pay_times: Counter[str] = field(default_factory=Counter)
    slots: dict[str, Counter[str]] = field(default_factory=dict)
    # None: no fee is known
    fees: int | None = None
    # payments whose fee no bill has confirmed
    expected_fees: int = 0

    def add(self, slot: str, **numbers: int) -> None:
        """Count within one slot of the day."""
        within = self.slots.get(slot)
        if within is None:
            within = self.slots[slot] = Counter()
        # Counter.update() takes twice as long.
        for name, number in numbers.items():
            self.sums[name] += number
            within[name] += number

    def columns(self, *, has_slots: bool) -> dict[str, Any]:
        """As the row has them."""
        slots = {
            slot: [numbers[name] for name in DailyFigure.SUMS]
            for slot, numbers in self.slots.items()
            if has_slots
        }
        sums = {name: self.sums[name] for name in DailyFigure.SUMS}
        fees = {"fee_amount": self.fees, "expected_fee_count": self.expected_fees}
        return {**sums, **fees, "pay_times": dict(self.pay_times), "slots": slots}


def find_bounds(store: Store, first: date, last: date) -> tuple[datetime, datetime]:
    """From the first day's beginning to the last one's end, in the store's time zone."""
    start, end = (
        datetime.combine(day, time(), store.zone).astimezone(UTC) for day in (first, last + timedelta(days=1))
    )
    return start, end


def count_days(store: Store, first: date, last: date) -> dict[FigureKey, Figures]:
    """What the rows say of the days from ``first`` to ``last``. Four statements, each by an index of the store's
    orders or postings, or of the refunds' ends.
    """
    counted: dict[FigureKey, Figures] = {}
    bounds = find_bounds(store, first, last)

    def at(moment: datetime, wallet: str, currency: str) -> tuple[Figures, str]:
        local = moment.astimezone(store.zone)
        key = FigureKey(local.date(), wallet, currency)
        slot = (local.hour * 60 + local.minute) // SLOT_MINUTES
        return counted.setdefault(key, Figures()), str(slot)

    for row in _created(store, bounds):
        figures, slot = at(row["created_at"], row["wallet"], row["currency"])
        figures.add(slot, created_count=1, **_outcome(row))
    for row in _paid(store, bounds):
        figures, slot = at(row["order__paid_at"], row["wallet"], row["order__currency"])
        figures.add(slot, paid_count=1, paid_amount=row["order__amount"])
        figures.pay_times[find_bucket((row["order__paid_at"] - row["begun_at"]).total_seconds())] += 1
    for row in _refunded(store, bounds):
        figures, slot = at(row["finished_at"], row["payment__wallet"], row["currency"])
        figures.add(slot, refunded_count=1, refunded_amount=row["amount"])
    for row in _booked(store, bounds):
        figures, _slot = at(row["effective_at"], row["account__wallet"], row["currency"])
        figures.fees = (figures.fees or 0) + row["fees"]
        figures.expected_fees += row["expected"]
    return counted


def _created(store: Store, bounds: tuple[datetime, datetime]) -> Iterator[dict[str, Any]]:
    payments = Payment.objects.filter(order=OuterRef("pk"))
    orders = Order.objects.filter(store=store, created_at__gte=bounds[0], created_at__lt=bounds[1])
    found = orders.annotate(
        is_opened=Exists(payments), is_refused=Exists(payments.filter(state=Payment.State.FAILED))
    )
    columns = ("wallet", "currency", "created_at", "paid_at", "state", "is_opened", "is_refused")
    yield from found.order_by().values(*columns).iterator(CHUNK)


def _outcome(row: dict[str, Any]) -> dict[str, int]:
    """Of an order that was opened, what became of it; nothing more of one that was left, or not opened."""
    if not row["is_opened"]:
        return {}
    if row["paid_at"]:
        return {"opened_count": 1, "opened_paid_count": 1}
    if row["state"] == Order.State.PENDING:
        return {"opened_count": 1, "opened_waiting_count": 1}
    return {"opened_count": 1, "opened_refused_count": int(row["is_refused"])}


def _paid(store: Store, bounds: tuple[datetime, datetime]) -> Iterator[dict[str, Any]]:
    """Payments that were applied to their orders; ``begun_at``: the order's first attempt."""
    payments = Payment.objects.filter(
        is_applied=True, order__store=store, order__paid_at__gte=bounds[0], order__paid_at__lt=bounds[1]
    )
    found = payments.annotate(begun_at=Min("order__payments__created_at"))
    columns = ("wallet", "order__currency", "order__amount", "order__paid_at", "begun_at")
    yield from found.order_by().values(*columns).iterator(CHUNK)


def _refunded(store: Store, bounds: tuple[datetime, datetime]) -> Iterator[dict[str, Any]]:
    """Refunds of orders: money that was not applied to one is in no figure."""
    refunds = Refund.objects.filter(
        order__store=store,
        kind=Refund.Kind.ORDER,
        state=Refund.State.SUCCEEDED,
        finished_at__gte=bounds[0],
        finished_at__lt=bounds[1],
    )
    columns = ("payment__wallet", "currency", "amount", "finished_at")
    yield from refunds.order_by().values(*columns).iterator(CHUNK)


def _booked(store: Store, bounds: tuple[datetime, datetime]) -> Iterator[dict[str, Any]]:
    """Fees, of payments that were not applied too: the platform takes them from all."""
    postings = Posting.objects.filter(store=store, effective_at__gte=bounds[0], effective_at__lt=bounds[1])
    yield from sum_fees(postings, "pk", "effective_at", "account__wallet", "currency").iterator(CHUNK)
