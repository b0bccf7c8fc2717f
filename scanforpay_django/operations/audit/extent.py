"""Which rows an audit looks at: all of them, or what is new, what has changed, and what is not finished."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Model, Q

from scanforpay_django.models import (
    AuditFailure,
    AuditMark,
    Flag,
    HandlerCall,
    Notification,
    NotificationAttempt,
    Order,
    OrderEvent,
    Payment,
    PlatformNotification,
    Refund,
)
from scanforpay_django.models.keys_by_time import find_first_key
from scanforpay_django.models.platform_notification import NOT_APPLIED
from scanforpay_django.models.slice_plans import slice_plans
from scanforpay_django.operations.audit.check import Check, Rows

#: rows of one statement
SLICE = 20_000
#: orders of one statement that has their keys
ORDERS_TOGETHER = 2_000
#: orders that have been looked at, so that the next table's new rows bring none of them again
MOST_REMEMBERED = 200_000
#: the newest rows are looked at once more in the next run: a transaction that has a smaller key may end later
OVERLAP = 1_000


@dataclass(frozen=True, kw_only=True)
class Large:
    """What a run of new rows has to know of a table with millions of rows."""

    # to the order's key
    order_path: str
    # when a row was made
    made_at: str
    # rows that may go wrong by standing still, as a partial index has them; the always true conditions are the index's
    unfinished: Q | None = None


LARGE: dict[type[Model], Large] = {
    Order: Large(order_path="pk", made_at="created_at", unfinished=Q(state=Order.State.PENDING)),
    OrderEvent: Large(order_path="order", made_at="at"),
    Payment: Large(
        order_path="order",
        made_at="created_at",
        unfinished=Q(state__in=[str(state) for state in Payment.UNFINISHED]),
    ),
    Refund: Large(order_path="order", made_at="created_at", unfinished=Q(finished_at__isnull=True)),
    Notification: Large(
        order_path="order",
        made_at="created_at",
        unfinished=Q(state=Notification.State.PENDING, attempt_count__gte=0),
    ),
    NotificationAttempt: Large(
        order_path="notification__order",
        made_at="started_at",
        unfinished=Q(notification__state=Notification.State.PENDING, notification__attempt_count__gte=0),
    ),
    PlatformNotification: Large(
        order_path="payment__order", made_at="received_at", unfinished=Q(outcome__in=NOT_APPLIED)
    ),
    HandlerCall: Large(
        order_path="order",
        made_at="created_at",
        unfinished=Q(state=HandlerCall.State.PENDING) | Q(state=HandlerCall.State.EXHAUSTED),
    ),
    Flag: Large(order_path="order", made_at="raised_at", unfinished=Q(cleared_at__isnull=True)),
}


@dataclass(frozen=True, kw_only=True)
class Extent:
    """Rows up to the newest one, after a key of each table; without such keys all rows."""

    # model -> the newest key when the run began
    newest: Mapping[type[Model], int]
    # model -> the key after which rows are new; None: all rows are looked at
    after: Mapping[type[Model], int] | None = None


def all_rows() -> Extent:
    """All rows that there are when the run begins."""
    keys = {model: model._default_manager.aggregate(newest=Max("pk"))["newest"] or 0 for model in LARGE}  # noqa: SLF001
    return Extent(newest=keys)


def new_rows() -> Extent:
    """What is new since the last run that looked at everything or at what was new; everything before the first."""
    marks, whole = AuditMark.objects.by_model(), all_rows()
    if not marks:
        return whole
    return Extent(newest=whole.newest, after={model: marks.get(model._meta.label, 0) for model in LARGE})


def rows_since(moment: datetime) -> Extent:
    """What was made since then, and rows that are somewhat older."""
    first = {model: find_first_key(model, large.made_at, moment) for model, large in LARGE.items()}
    return Extent(newest=all_rows().newest, after={model: max(0, key - 1) for model, key in first.items()})


#: narrows the rows of a check to those of one statement
Narrow = Callable[[Check], Rows]


def find_parts(extent: Extent, checks: tuple[Check, ...]) -> Iterator[tuple[tuple[Check, ...], Narrow]]:
    """What is to be looked at, a statement's rows for each check at a time. No list of all keys is ever made."""
    small = tuple(check for check in checks if check.rows.model not in LARGE)
    yield small, lambda check: check.rows
    for model in LARGE:
        mine = tuple(check for check in checks if check.rows.model is model)
        for after, upto in _slices(extent, model) if mine else ():
            yield mine, _between(after, upto)
    if extent.after is not None:
        large = tuple(check for check in checks if check.rows.model in LARGE)
        for orders in _changed_orders(extent):
            yield large, _of_orders(orders)
        yield tuple(check for check in large if LARGE[check.rows.model].unfinished), _unfinished
        yield large, lambda check: check.rows.filter(pk__in=AuditFailure.objects.keys(check.code))


def _between(after: int, upto: int) -> Narrow:
    return lambda check: check.rows.filter(pk__gt=after, pk__lte=upto)


def _of_orders(orders: list[int]) -> Narrow:
    return lambda check: check.rows.filter(**{f"{LARGE[check.rows.model].order_path}__in": orders})


def _unfinished(check: Check) -> Rows:
    found: Rows = check.rows.filter(LARGE[check.rows.model].unfinished)
    return found


def _slices(extent: Extent, model: type[Model]) -> Iterator[tuple[int, int]]:
    """The new keys of a model: after one, up to another."""
    after, newest = (extent.after or {}).get(model, 0), extent.newest[model]
    while after < newest:
        rows: Any = model._default_manager.filter(pk__gt=after, pk__lte=newest).order_by("pk")  # noqa: SLF001
        upto = next(iter(rows.values_list("pk", flat=True)[SLICE - 1 : SLICE]), newest)
        yield after, upto
        after = upto


def _changed_orders(extent: Extent) -> Iterator[list[int]]:
    """Orders that are not new and have new rows: no change of an order or its money is without an event."""
    newest_old = (extent.after or {})[Order]
    seen: set[int] = set()
    for model, large in LARGE.items():
        for after, upto in _slices(extent, model) if model is not Order else ():
            rows: Any = model._default_manager.filter(pk__gt=after, pk__lte=upto)  # noqa: SLF001
            old = rows.filter(**{f"{large.order_path}__lte": newest_old}).order_by()
            with slice_plans():
                orders = sorted(set(old.values_list(large.order_path, flat=True)) - seen)
            if len(seen) > MOST_REMEMBERED:
                seen.clear()
            seen.update(orders)
            for start in range(0, len(orders), ORDERS_TOGETHER):
                yield orders[start : start + ORDERS_TOGETHER]


def record_run(extent: Extent) -> None:
    """The next run begins where this one ended."""
    AuditMark.objects.move(
        {model._meta.label: max(0, newest - OVERLAP) for model, newest in extent.newest.items()}
    )
