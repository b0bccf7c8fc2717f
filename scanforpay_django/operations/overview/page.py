"""The overview of one reader."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Subquery

from scanforpay_django import clock
from scanforpay_django.models import DailyFigure, FigureMark, Order, Store
from scanforpay_django.operations.overview.month import Month, Share, read_month, read_stores
from scanforpay_django.operations.overview.platforms import Platform, read_platforms
from scanforpay_django.operations.overview.today import Today, read_today
from scanforpay_django.operations.overview.todo import (
    Deliveries,
    Trouble,
    find_flags,
    find_given_up,
    find_workers,
    read_waiting,
    sort_troubles,
)
from scanforpay_django.operations.overview.watched import find_watched
from scanforpay_django.operations.set_up.places import Step, list_steps
from scanforpay_django.operations.staff_scope import Scope

#: whether the reader has one of these permissions of the app
May = Callable[..., bool]


@dataclass(kw_only=True)
class Overview:
    """What is shown. None, or empty: nothing that this reader may see."""

    zone: tzinfo
    now: datetime
    # before the first order
    steps: list[Step] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    deliveries: Deliveries | None = None
    today: Today | None = None
    months: list[Month] = field(default_factory=list)
    # of the months, by currency
    month: Month | None = None
    stores: list[Share] = field(default_factory=list)
    platforms: Sequence[Platform] = ()
    # when the figures were as the rows
    read_at: datetime | None = None


def make_overview(scope: Scope, may: May, currency: str = "") -> Overview:
    """At most ten statements. ``currency``: of the month that is drawn; the most used one without it."""
    zone, read_at = _read_zone(scope)
    overview = Overview(zone=zone, now=clock.now().astimezone(zone))
    figures: Any = scope.narrow(DailyFigure.objects.all())
    sees_orders = may("view_order", "change_order")
    if sees_orders:
        overview.months = read_month(figures, overview.now.date())
        if not overview.months and not scope.narrow(Order.objects.order_by()).exists():
            overview.steps = list_steps(scope)
            return overview
        overview.read_at = read_at
    _add_troubles(overview, scope, may)
    if overview.months:
        known = {month.currency: month for month in overview.months}
        overview.month = known.get(currency, overview.months[0])
        overview.stores = read_stores(figures, overview.month)
        overview.today = read_today(figures, overview.now, overview.read_at)
    return overview


def _read_zone(scope: Scope) -> tuple[tzinfo, datetime | None]:
    """The stores' time zone where they have one in common, else the project's; and when the figures were as the rows,
    which is read in the same statement.
    """
    read_at = Subquery(FigureMark.objects.last_read().values("at"))
    stores = scope.narrow(Store.objects.order_by()).annotate(read_at=read_at)
    rows = list(stores.values_list("timezone", "read_at").distinct()[:2])
    zone = Store(timezone=rows[0][0]).zone if len(rows) == 1 else ZoneInfo(settings.TIME_ZONE)
    return zone, rows[0][1] if rows else None


def find_zone(scope: Scope) -> tzinfo:
    """The stores' time zone where they have one in common, else the project's."""
    return _read_zone(scope)[0]


def _add_troubles(overview: Overview, scope: Scope, may: May) -> None:
    opens_orders = may("view_order", "change_order")
    troubles = find_flags(scope, opens_orders=opens_orders) if may("view_flag", "change_flag") else []
    if may("view_notification", "change_notification"):
        given_up = find_given_up(scope)
        overview.deliveries = read_waiting(scope)
        overview.deliveries.given_up = sum(one.number for one in given_up)
        troubles += given_up
    # A merchant's staff have no hosts.
    if scope.sees_all:
        troubles += find_workers(opens_health=may("view_health"))
        overview.platforms = read_platforms()
    troubles += find_watched(scope, may)
    overview.troubles = sort_troubles(troubles)
