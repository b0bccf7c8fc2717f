"""What stands in the list of orders beside the orders: counts by state, sums by day and currency, and of each order how
it was paid, what needs a person and whether its merchant knows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Case, CharField, F, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.utils import timezone

from scanforpay_django.models import Flag, Notification, Order, Payment

#: orders that are added up; with more of them counts and sums are "at least"
MOST = 10_000
#: orders that need a person and are counted
MOST_FLAGGED = 1000
#: what of an order's notifications is shown, the first that there is
WORST_FIRST = ("exhausted", "pending", "delivered", "learned", "superseded")


@dataclass(kw_only=True)
class CurrencySum:
    """Orders in one currency, in its minor units."""

    orders: int = 0
    # of paid orders, before refunds
    received: int = 0
    refunded: int = 0

    @property
    def given_back(self) -> int:
        """The refunds as a number below zero."""
        return -self.refunded


@dataclass(kw_only=True)
class Sums:
    """So many orders, and their money by currency: currencies are never added up."""

    orders: int = 0
    by_currency: dict[str, CurrencySum] = field(default_factory=lambda: defaultdict(CurrencySum))

    def add(self, group: "_Group") -> None:
        """Count a group in."""
        self.orders += group.orders
        one = self.by_currency[group.currency]
        one.orders += group.orders
        one.refunded += group.refunded
        if group.state in (Order.State.PAID, Order.State.REFUNDED):
            one.received += group.amount

    @property
    def lines(self) -> list[tuple[str, CurrencySum]]:
        """By currency, in the order of their codes."""
        return sorted(self.by_currency.items())


@dataclass(frozen=True, slots=True)
class _Group:
    """Orders of one state, currency and day."""

    tab: str
    currency: str
    # the place of the day among those that are asked for; None: another day
    day: int | None
    orders: int
    amount: int
    refunded: int

    @property
    def state(self) -> str:
        """Partly refunded ones are paid."""
        return Order.State.PAID if self.tab == "part" else self.tab


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Of the orders that a list is filtered to."""

    # whether there are no more than were looked at; "at least" otherwise
    is_whole: bool
    # by state, "part" for those that are partly refunded: of orders in all states
    by_tab: Counter[str]
    total: Sums
    # of the days that were asked for, if all their orders were looked at
    days: dict[date, Sums]


def summarize(orders: "QuerySet[Order]", tab: str = "", days: Sequence[date] = ()) -> Summary:
    """Add up the newest 10,000 of ``orders``, in one statement. ``tab``: the sums are of this state's only.

    ``days``: in the active time zone; each of a whole list has its sums, of others all but the oldest that was looked
    at.
    """
    groups = _group(orders, days)
    is_whole = sum(group.orders for group in groups) <= MOST
    by_tab, total, by_day = Counter[str](), Sums(), {day: Sums() for day in days}
    for group in groups:
        by_tab[group.tab] += group.orders
        if tab in ("", group.tab):
            total.add(group)
            if group.day is not None:
                by_day[days[group.day]].add(group)
    if not is_whole and days and not any(group.day is None for group in groups):
        # The oldest of these days goes on behind what was looked at.
        del by_day[min(days)]
    return Summary(is_whole=is_whole, by_tab=by_tab, total=total, days=by_day)


def _group(orders: "QuerySet[Order]", days: Sequence[date]) -> list[_Group]:
    """The newest orders, one more than are added up, by state, currency and day."""
    in_days = [
        When(
            created_at__gte=_midnight(day),
            created_at__lt=_midnight(day + timedelta(days=1)),
            then=Value(place),
        )
        for place, day in enumerate(days)
    ]
    newest: Any = orders.order_by("-pk").annotate(
        tab=Case(
            When(state=Order.State.PAID, refunded_amount__gt=0, then=Value("part")),
            default=F("state"),
            output_field=CharField(),
        ),
        day=Case(*in_days, output_field=IntegerField())
        if in_days
        else Value(None, output_field=IntegerField()),
    )
    columns = ("tab", "currency", "day", "amount", "refunded_amount")
    try:
        inner, params = newest.values(*columns)[: MOST + 1].query.get_compiler(newest.db).as_sql()
    except EmptyResultSet:
        return []
    # Django's own statement; its parameters stay apart from it.
    statement = (
        f"SELECT tab, currency, day, COUNT(*), SUM(amount), SUM(refunded_amount) FROM ({inner}) newest "  # noqa: S608
        "GROUP BY tab, currency, day"
    )
    with connections[newest.db].cursor() as cursor:
        cursor.execute(statement, params)
        rows = cursor.fetchall()
    return [_Group(*row[:3], *(int(number) for number in row[3:])) for row in rows]


def _midnight(day: date) -> datetime:
    moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001
    return timezone.make_aware(moment) if settings.USE_TZ else moment


def count_flagged(orders: "QuerySet[Order]") -> int:
    """How many of ``orders`` have an open flag; 1,001 for more than 1,000."""
    flagged = Flag.objects.filter(cleared_at=None).order_by().values("order")
    return len(orders.filter(pk__in=flagged).order_by().values_list("pk", flat=True)[: MOST_FLAGGED + 1])


def _day(moment: datetime) -> date:
    return (timezone.localtime(moment) if timezone.is_aware(moment) else moment).date()


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    """A line of the list."""

    order: Order
    day: date
    # open ones
    flags: tuple[Flag, ...]
    # of the payment that was applied; "" for none
    product: str
    # the worst of its notifications; None for none
    notification: Notification | None


def find_paid_product() -> Subquery:
    """An order's annotation ``paid_product``: the product through which it was paid; None where it was not."""
    applied = Payment.objects.filter(order=OuterRef("pk"), is_applied=True)
    return Subquery(applied.values("product")[:1])


def read_lines(orders: Sequence[Order]) -> list[OrderLine]:
    """Lines for the orders of a page, in two statements. The orders have their ``paid_product``."""
    keys = [order.pk for order in orders]
    flags = _by_order(Flag.objects.filter(order__in=keys, cleared_at=None).order_by("pk"))
    notifications = _by_order(Notification.objects.filter(order__in=keys).only("order", "state"))
    return [
        OrderLine(
            order=order,
            day=_day(order.created_at),
            flags=tuple(flags[order.pk]),
            product=getattr(order, "paid_product", None) or "",
            notification=min(
                notifications[order.pk], key=lambda one: WORST_FIRST.index(one.state), default=None
            ),
        )
        for order in orders
    ]


def _by_order(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.order_id].append(row)
    return found
