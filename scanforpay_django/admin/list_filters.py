"""Filters of lists whose choices come without reading, counting or sorting all rows."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.admin.scope import get_scope, narrow
from scanforpay_django.models import Flag, Partner, Store, WalletAccount
from scanforpay_django.models.keys_by_time import find_first_key
from scanforpay_django.wallets.registry import wallet_classes
from scanforpay_django.wire import ANY_WALLET

#: choices that a filter offers; another one may stand in the address
MAX_CHOICES = 200
#: rows whose values are offered
NEWEST = 1000
#: of one's own where these are found among those of all
NEWEST_OWN = 100
#: a key has at most so many digits
MAX_DIGITS = 18


class RowFilter(admin.SimpleListFilter):
    """Rows of a small table, read in one statement with what their names need."""

    # from the list's model to the table
    path: str
    rows: Any

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        """The first of the user's own, and the chosen one."""
        rows = narrow(request, self.rows)
        shown = list(rows[:MAX_CHOICES])
        chosen = self._chosen()
        if chosen and chosen not in {row.pk for row in shown}:
            shown += rows.filter(pk=chosen)
        return [(row.pk, str(row)) for row in shown]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those of the chosen row."""
        chosen = self._chosen()
        return queryset.filter(**{self.path: chosen}) if chosen else queryset

    def _chosen(self) -> int | None:
        value = self.value()
        if not value:
            return None
        if len(value) > MAX_DIGITS or not (value.isascii() and value.isdecimal()):
            raise IncorrectLookupParameters
        return int(value)


class StoreFilter(RowFilter):
    """Orders and accounts by their store."""

    title = _("store")
    path, parameter_name = "store", "store__id__exact"
    rows = Store.objects.order_by("store_no")


class OrderStoreFilter(StoreFilter):
    """What belongs to an order, by its store."""

    path, parameter_name = "order__store", "order__store__id__exact"


class PartnerFilter(RowFilter):
    """Rows by their partner."""

    title = _("partner")
    path, parameter_name = "partner", "partner__id__exact"
    rows = Partner.objects.order_by("partner_no")


class AccountFilter(RowFilter):
    """What belongs to a wallet account, by it."""

    title = _("wallet account")
    path, parameter_name = "account", "account__id__exact"
    rows = WalletAccount.objects.select_related("store").order_by("pk")


class WalletFilter(admin.SimpleListFilter):
    """A configured wallet, or another one that stands in the address."""

    title = _("wallet")
    parameter_name = "wallet"
    # beside the configured ones
    names: tuple[str, ...] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices, without a statement."""
        value = self.value()
        names = dict.fromkeys([*wallet_classes(), *self.names, *([value] if value else [])])
        return [(name, str(label_wallet(name))) for name in names]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those of the wallet."""
        return queryset.filter(wallet=self.value()) if self.value() else queryset


def label_wallet(name: str) -> Any:
    """What people call a wallet: its own label, "the customer's choice", or the name of one that is not configured."""
    if name == ANY_WALLET:
        return _("the customer's choice")
    wallet = wallet_classes().get(name)
    return wallet.label if wallet else name


class OrderWalletFilter(WalletFilter):
    """Of an order: one that the customer has not chosen yet has the name for any wallet."""

    names = (ANY_WALLET,)


class NewestValues(admin.SimpleListFilter):
    """The values of a column in the newest rows: all values there are would take a look at every row."""

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        self.title = model._meta.get_field(self.parameter_name).verbose_name
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Those of so many rows, and the chosen one."""
        most = NEWEST if get_scope(request).sees_all else NEWEST_OWN
        newest = model_admin.get_queryset(request).order_by("-pk")
        values = set(newest.values_list(self.parameter_name, flat=True)[:most])
        return [(value, value) for value in sorted(values | {self.value() or ""}) if value]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those with the value."""
        return queryset.filter(**{str(self.parameter_name): self.value()}) if self.value() else queryset


def newest_values(column: str) -> type[NewestValues]:
    """A filter for a column of the list's own model."""
    return type(f"Newest_{column}", (NewestValues,), {"parameter_name": column})


class FlagKindFilter(admin.SimpleListFilter):
    """Orders with a flag, open or cleared. A join would list an order twice, and DISTINCT would sort all."""

    title = _("flag")
    parameter_name = "flags__kind__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The choices, without a statement."""
        return list(Flag.Kind.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Orders with a flag of the kind."""
        if not self.value():
            return queryset
        return queryset.filter(pk__in=Flag.objects.filter(kind=self.value()).order_by().values("order"))


class CreatedFilter(admin.SimpleListFilter):
    """When a row was made: a span of days, or a day ("2026-11-12") or month ("2026-11") that stands in the address."""

    title = _("created")
    parameter_name = "created"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The choices, without a statement."""
        spans = [
            ("today", _("Today")),
            ("yesterday", _("Yesterday")),
            ("week", _("Past 7 days")),
            ("month", _("This month")),
            ("last_month", _("Last month")),
        ]
        value = self.value()
        return spans if not value or value in dict(spans) else [*spans, (value, value)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Rows of the span. The keys around it are found first: no index has the times."""
        value = self.value()
        if not value:
            return queryset
        first, end = _read_span(value)
        begins_at, ends_at = _midnight(first), _midnight(end)
        low = find_first_key(queryset.model, "created_at", begins_at)
        return queryset.filter(pk__gte=low, created_at__gte=begins_at, created_at__lt=ends_at)


def _read_span(value: str) -> tuple[date, date]:
    """The first day, and the one after the last. Raises IncorrectLookupParameters."""
    today = timezone.localdate(clock.now())
    tomorrow, this_month = today + timedelta(days=1), today.replace(day=1)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    spans = {
        "today": (today, tomorrow),
        "yesterday": (today - timedelta(days=1), today),
        "week": (today - timedelta(days=6), tomorrow),
        "month": (this_month, tomorrow),
        "last_month": (last_month, this_month),
    }
    return spans.get(value) or _read_day_or_month(value)


def _read_day_or_month(value: str) -> tuple[date, date]:
    try:
        if len(value) == len("2026-11"):
            first = date.fromisoformat(f"{value}-01")
            return first, (first + timedelta(days=31)).replace(day=1)
        day = date.fromisoformat(value)
        return day, day + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise IncorrectLookupParameters from error


def _midnight(day: date) -> datetime:
    try:
        moment = timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001
        return moment - timedelta(days=1) + timedelta(days=1)
    except OverflowError as error:
        raise IncorrectLookupParameters from error
