"""The filters of the reconciliation page, and what of it is read once a request."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Max, Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from scanforpay_django.admin.list_filters import MAX_DIGITS
from scanforpay_django.admin.scope import get_scope, narrow
from scanforpay_django.models import BillDay, Difference
from scanforpay_django.operations.reconciliation.matrix import Matrix, make_matrix
from scanforpay_django.operations.reconciliation.open_sums import OpenDifferences, read_open

#: of all days
ALL_DAYS = "all"
OPEN, CLOSED, ALL = "", "closed", "all"
#: closed differences of all days are looked for among so many of the newest
NEWEST = 100_000
#: what is chosen beside these is looked for in all days
_CHOICES = ("kind", "account", "bill")


def get_open(request: Any) -> OpenDifferences:
    """The reader's open differences, read once a request."""
    found: OpenDifferences | None = getattr(request, "scanforpay_open_differences", None)
    if found is None:
        found = request.scanforpay_open_differences = read_open(get_scope(request))
    return found


def get_matrix(request: Any) -> Matrix:
    """The days and merchant numbers of the page, read once a request."""
    matrix: Matrix | None = getattr(request, "scanforpay_matrix", None)
    if matrix is None:
        day, account = request.GET.get("day", ""), request.GET.get("account", "")
        matrix = request.scanforpay_matrix = make_matrix(
            get_scope(request),
            get_open(request),
            day=None if day in ("", ALL_DAYS) else read_day(day),
            account=read_key(account),
        )
    return matrix


def read_day(text: str) -> date:
    """The day of a query such as "2026-11-27". Raises IncorrectLookupParameters."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise IncorrectLookupParameters from error


def read_key(text: str | None) -> int | None:
    """None for "". Raises IncorrectLookupParameters for what can be no key."""
    if not text:
        return None
    if len(text) > MAX_DIGITS or not (text.isascii() and text.isdecimal()):
        raise IncorrectLookupParameters
    return int(text)


def find_day(request: HttpRequest) -> date | None:
    """The day that the list is of: the chosen one, or the newest with open differences; None for all days."""
    text = request.GET.get("day", "")
    if text and text != ALL_DAYS:
        return read_day(text)
    is_chosen = text == ALL_DAYS or any(request.GET.get(name) for name in (*_CHOICES, "state"))
    return None if is_chosen else get_open(request).newest_day


class StateFilter(admin.SimpleListFilter):
    """Open ones, unless others are asked for."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Open ones are those without a value."""
        return [(CLOSED, _("closed")), (ALL, _("All"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Closed ones of all days are those among the newest: no index leads to a kind's."""
        value = self.value() or OPEN
        if value not in (OPEN, CLOSED, ALL):
            raise IncorrectLookupParameters
        if value == OPEN:
            return queryset.filter(closed_at=None)
        if find_day(request) is None:
            newest = Difference.objects.aggregate(newest=Max("pk"))["newest"] or 0
            queryset = queryset.filter(pk__gt=newest - NEWEST)
        return queryset.filter(closed_at__isnull=False) if value == CLOSED else queryset


class DayFilter(admin.SimpleListFilter):
    """One day of the platforms' calendar, the newest with open differences, or all."""

    title = _("day")
    parameter_name = "day"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Days with open differences, and the chosen one."""
        found = {f"{day}" for day in get_open(request).by_day} | {self.value() or ""}
        days = sorted(found - {"", ALL_DAYS}, reverse=True)
        return [(ALL_DAYS, _("all days")), *((day, day) for day in days)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those of bills of the day."""
        day = find_day(request)
        return queryset if day is None else queryset.filter(day__day=day)


class BillFilter(admin.SimpleListFilter):
    """The day of one merchant number, by its key."""

    title = _("bill")
    parameter_name = "bill"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The chosen one: fields of the table lead to the others."""
        return [(self.value() or "", self.value() or "")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those of the bill."""
        key = read_key(self.value())
        return queryset if key is None else queryset.filter(day=key)


class KindFilter(admin.SimpleListFilter):
    """Differences of one kind."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Every kind there is."""
        return list(Difference.Kind.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those of the kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


class MerchantFilter(admin.SimpleListFilter):
    """Differences of one merchant number, by the account that fetches its bills."""

    title = _("merchant number")
    parameter_name = "account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Those of the table of days."""
        matrix = get_matrix(request)
        found = {column.account_id: column.title for column in (*matrix.columns, *matrix.rest)}
        return [(str(key), title) for key, title in sorted(found.items(), key=lambda one: one[1])] or [
            ("", "")
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those of its bills, whichever account of the number fetched them."""
        key = read_key(self.value())
        if key is None:
            return queryset
        own = narrow(request, BillDay.objects.filter(account=key)).order_by().values("merchant")
        return queryset.filter(Q(day__merchant__in=own))
