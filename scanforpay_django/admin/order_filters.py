"""What the list of orders is filtered by. Each filter is a field of one form above the list."""

import re
from abc import ABC, abstractmethod
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scanforpay_django import money
from scanforpay_django.models import Flag, Order, Payment
from scanforpay_django.models.keys_by_time import KeySearch
from scanforpay_django.wallets.registry import wallet_classes

#: a tab's value -> its orders. What is not pending has no index.
STATES: dict[str, Q] = {
    "pending": Q(state=Order.State.PENDING),
    "paid": Q(state=Order.State.PAID, refunded_amount=0),
    "part": Q(state=Order.State.PAID, refunded_amount__gt=0),
    "refunded": Q(state=Order.State.REFUNDED),
    "closed": Q(state=Order.State.CLOSED),
    "expired": Q(state=Order.State.EXPIRED),
}
#: the tab of orders that have an open flag
FLAGGED = "flagged"
#: a number's decimal places -> the currencies that have as many
_CURRENCIES: dict[int, list[str]] = {
    places: [code for code, has in money.EXPONENTS.items() if has == places]
    for places in sorted(set(money.EXPONENTS.values()))
}
# no more digits than the database's integers hold
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")


class FormField(admin.SimpleListFilter, ABC):
    """A filter whose value is typed or chosen in the form. Where it cannot be read no order is listed, and the form
    says why.
    """

    #: what is wrong with the value; "" when nothing is
    error: Any = ""
    #: whether an index leads to what it finds
    is_indexed = False

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """What the form offers: nothing unless a subclass says so."""
        return []

    def has_output(self) -> bool:
        """Django drops a filter that offers nothing."""
        return True

    @property
    def typed(self) -> str:
        """The value as it stands in the address; "" for none."""
        return (self.value() or "").strip()

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The orders that the value means."""
        if not self.typed:
            return queryset
        try:
            return self.narrow(queryset)
        except Unreadable as problem:
            self.error = problem.text
            return queryset.none()

    @abstractmethod
    def narrow(self, orders: Any) -> Any:
        """The orders that ``typed`` means. Raises Unreadable."""


class Unreadable(Exception):
    """A filter's value means nothing; ``text`` says to staff what would."""

    def __init__(self, text: Any) -> None:
        super().__init__()
        self.text = text


class StateTab(FormField):
    """Orders of a state, partly refunded ones apart, or those that need a person."""

    title = _("state")
    parameter_name = "state"

    @property
    def is_indexed(self) -> bool:  # type: ignore[override]
        """The few that are pending or have an open flag have indexes of their own."""
        return self.typed in ("pending", FLAGGED)

    def narrow(self, orders: Any) -> Any:
        """Those of the tab."""
        if self.typed == FLAGGED:
            return orders.filter(pk__in=Flag.objects.filter(cleared_at=None).order_by().values("order"))
        if self.typed not in STATES:
            raise Unreadable(_("There is no such state."))
        return orders.filter(STATES[self.typed])


class DayField(FormField):
    """A day in the time zone of the pages, as an HTML date field sends it."""

    is_indexed = True

    #: of both ends of the days
    search: KeySearch

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The two ends are looked for together."""
        self.search = request.__dict__.setdefault("_order_days", KeySearch(Order, "created_at"))
        return super().queryset(request, queryset)

    def midnight(self, days: int = 0) -> datetime:
        """The beginning of the day that is so many ``days`` after the typed one. Raises Unreadable."""
        try:
            day = date.fromisoformat(self.typed) + timedelta(days=days)
            moment = timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001
            # The database converts it to UTC, and the search adds minutes.
            return moment - timedelta(days=1) + timedelta(days=1)
        except (ValueError, OverflowError) as error:
            raise Unreadable(_("Enter a day like 2026-11-28.")) from error


class FromDay(DayField):
    """Orders that were created on the day or after it."""

    title = _("created from")
    parameter_name = "from"

    def narrow(self, orders: Any) -> Any:
        """The first key is looked for: no index has the times."""
        begins_at = self.midnight()
        low = self.search.find_first(begins_at)
        return orders.filter(pk__gte=low, created_at__gte=begins_at)


class ToDay(DayField):
    """Orders that were created on the day or before it."""

    title = _("created to")
    parameter_name = "to"

    def narrow(self, orders: Any) -> Any:
        """The key behind the last is looked for."""
        ends_at = self.midnight(days=1)
        high = self.search.find_end(ends_at)
        return orders.filter(pk__lt=high, created_at__lt=ends_at)


class CurrencyFilter(FormField):
    """Orders in one currency."""

    title = _("currency")
    parameter_name = "currency"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """All that are known, without a statement."""
        return [(code, code) for code in money.EXPONENTS]

    def narrow(self, orders: Any) -> Any:
        """Those in the currency."""
        if self.typed not in money.EXPONENTS:
            raise Unreadable(_("There is no such currency."))
        return orders.filter(currency=self.typed)


class AmountField(FormField):
    """An amount in units as people write them, 21.00: of each currency its own."""

    comparison: str
    rounding: str

    def narrow(self, orders: Any) -> Any:
        """Those with so much, at least or at most."""
        text = self.typed.replace(",", "")
        if not _AMOUNT.fullmatch(text):
            raise Unreadable(_("Enter an amount like 21.00."))
        condition = Q()
        for places, currencies in _CURRENCIES.items():
            amount = int(Decimal(text).scaleb(places).to_integral_value(self.rounding))
            condition |= Q(currency__in=currencies, **{f"amount__{self.comparison}": amount})
        return orders.filter(condition)


class FromAmount(AmountField):
    """Orders of so much or more."""

    title, parameter_name = _("amount from"), "least"
    comparison, rounding = "gte", ROUND_CEILING


class ToAmount(AmountField):
    """Orders of so much or less."""

    title, parameter_name = _("amount to"), "most"
    comparison, rounding = "lte", ROUND_FLOOR


class ChannelFilter(FormField):
    """Orders by the product that paid them: inside the app, in a browser, at the counter."""

    title = _("channel")
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The products of the configured wallets, without a statement."""
        return list(product_labels().items())

    def narrow(self, orders: Any) -> Any:
        """Those that were paid by it."""
        if self.typed not in product_labels():
            raise Unreadable(_("There is no such channel."))
        paid = Payment.objects.filter(order=OuterRef("pk"), is_applied=True, product=self.typed)
        return orders.filter(Exists(paid))


def product_labels() -> dict[str, Any]:
    """What staff read for a payment's product, by its name."""
    return {
        product.name: product.label
        for wallet in wallet_classes().values()
        for product in wallet.products.values()
    }
