"""The list of orders: a form above it, tabs by state, sums by day and currency."""

from typing import Any

from django.conf import settings
from django.contrib.admin.views.main import PAGE_VAR
from django.db.models import Max
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from scanforpay_django.admin.base import warn_of_clocks
from scanforpay_django.admin.bulk_acts import PERMISSIONS
from scanforpay_django.admin.large_list import LargeList, NewestFirst
from scanforpay_django.admin.list_filters import FlagKindFilter, OrderWalletFilter, StoreFilter, label_wallet
from scanforpay_django.admin.number_search import NumberSearch
from scanforpay_django.admin.order_filters import (
    FLAGGED,
    ChannelFilter,
    CurrencyFilter,
    FromAmount,
    FromDay,
    StateTab,
    ToAmount,
    ToDay,
    product_labels,
)
from scanforpay_django.admin.scope import get_scope
from scanforpay_django.models import Order
from scanforpay_django.operations.order_list import (
    MOST_FLAGGED,
    count_flagged,
    find_paid_product,
    read_lines,
    summarize,
)
from scanforpay_django.operations.search import find_by_text

#: a filter that no index answers looks at so many of the newest orders, unless days are given
NEWEST = 100_000
#: days of a page that have their sums: others have few orders, which stand there
MOST_DAYS = 7
#: those that an index answers, or that say how far to look
BOUNDED = ("from", "store__id__exact", "flags__kind__exact")

#: state tab -> its words, colour and icon
TABS = (
    ("", _("All"), "", ""),
    ("pending", Order.State.PENDING.label, "wait", "wait"),
    ("paid", Order.State.PAID.label, "ok", "paid"),
    ("part", _("partly refunded"), "back", "part"),
    ("refunded", Order.State.REFUNDED.label, "back", "back"),
    ("closed", Order.State.CLOSED.label, "off", "off"),
    ("expired", Order.State.EXPIRED.label, "off", "exp"),
    (FLAGGED, _("needs a person"), "bad", "flag"),
)


#: the act's name, its icon and its word
BULK_ACTS = (
    ("ask", "ask", _("Ask the platform")),
    ("resend", "send", _("Resend")),
    ("close", "off", _("Close…")),
)


class OrderRows(NewestFirst):
    """The orders of the list, and those in every state that its tabs count."""

    # before the tab narrows them
    of_all_states: Any
    # whether only the newest 100,000 orders were looked at
    is_bounded: bool

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        """All filters and the search, then the tab."""
        orders = super().get_queryset(request, exclude_parameters=[StateTab.parameter_name])
        tab = self.get_filter(StateTab)
        self.is_bounded = self._looks_far(request, tab)
        if self.is_bounded:
            newest = Order.objects.aggregate(newest=Max("pk"))["newest"] or 0
            orders = orders.filter(pk__gt=newest - NEWEST)
        self.of_all_states = orders
        return tab.queryset(request, orders).annotate(paid_product=find_paid_product())

    def get_filter(self, kind: type) -> Any:
        """The filter of this class, with its value."""
        return next(one for one in self.filters if isinstance(one, kind))

    def _looks_far(self, request: HttpRequest, tab: Any) -> bool:
        """Whether what is asked for might be rare, and nothing says how far to look for it."""
        if self.query or not get_scope(request).sees_all or tab.is_indexed:
            return False
        given = {name for name, value in request.GET.items() if value}
        return bool(given & set(self.filter_params)) and not given & set(BOUNDED)

    @property
    def filters(self) -> list[Any]:
        """Each field of the form."""
        return list(self.filter_specs)

    @property
    def errors(self) -> list[str]:
        """What is wrong with the values of filters."""
        return [str(one.error) for one in self.filters if getattr(one, "error", "")]


class OrderList(LargeList, NumberSearch):
    """Mixed into the orders' admin: its list."""

    change_list_template = "admin/scanforpay/order_list.html"
    list_display = ["order_no"]
    # No date_hierarchy: it reads every row for the first and the last day, and sorts them for those between.
    list_filter = [
        StateTab, FromDay, ToDay, OrderWalletFilter, StoreFilter, CurrencyFilter, ChannelFilter, FromAmount, ToAmount,
        FlagKindFilter,
    ]  # fmt: skip
    list_select_related = ["store"]
    list_per_page = 50
    search_help_text = _(
        "A number in full, upper and lower case as it is; of the merchant's order number the first six characters will "
        "do. What is no number is looked for in titles and buyers of the newest 10,000 orders of these days."
    )
    order_path = "pk"

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[OrderRows]:
        """With the orders in every state, which the tabs count."""
        return OrderRows

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By any number; where none is like this, by the title or the buyer."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if search_term.strip() and not found.exists():
            return find_by_text(search_term, queryset), False
        return found, may_repeat

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The list, below what keeps orders from ending."""
        warn_of_clocks(request)
        answer = super().changelist_view(request, extra_context)
        if isinstance(answer, TemplateResponse) and answer.context_data and "cl" in answer.context_data:
            answer.context_data.update(_describe(answer.context_data["cl"]))
            answer.context_data["bulk_acts"] = _find_bulk_acts(request)
        return answer


def _find_bulk_acts(request: HttpRequest) -> list[dict[str, Any]]:
    """The buttons below the list that the reader may press."""
    return [
        {"name": name, "icon": icon, "word": word}
        for name, icon, word in BULK_ACTS
        if request.user.has_perm(f"scanforpay.{PERMISSIONS[name]}")
    ]


def _describe(rows: OrderRows) -> dict[str, Any]:
    """What the list's template shows around and in its rows."""
    tab = rows.get_filter(StateTab).typed
    lines = read_lines(list(rows.result_list))
    shown_days = list(dict.fromkeys(line.day for line in lines))[:MOST_DAYS]
    summary = summarize(rows.of_all_states, "" if tab == FLAGGED else tab, shown_days)
    listed = summarize(rows.queryset, days=shown_days) if tab == FLAGGED else summary
    labels = product_labels()
    days = listed.days
    flagged = count_flagged(rows.of_all_states)
    counts = {**summary.by_tab, "": sum(summary.by_tab.values()), FLAGGED: min(flagged, MOST_FLAGGED)}
    pages: Any = rows.paginator
    number = rows.page_num
    return {
        "title": capfirst(rows.opts.verbose_name_plural),
        "subtitle": None,
        "previous_page": rows.get_query_string({PAGE_VAR: number - 1}) if number > 1 else "",
        "next_page": rows.get_query_string({PAGE_VAR: number + 1}) if number < pages.num_pages else "",
        "tabs": [
            {
                "value": value,
                "query": rows.get_query_string({StateTab.parameter_name: value or None, PAGE_VAR: None}),
                "word": word,
                "look": look,
                "icon": icon,
                "count": counts.get(value, 0),
                "is_least": flagged > MOST_FLAGGED if value == FLAGGED else not summary.is_whole,
                "is_current": value == tab,
            }
            for value, word, look, icon in TABS
        ],
        "fields": {one.parameter_name: one for one in rows.filters},
        "is_filtered": bool(rows.query) or any(one.value() for one in rows.filters),
        "listed": listed,
        "is_bounded": rows.is_bounded,
        "newest": NEWEST,
        "zone": timezone.get_current_timezone_name() if settings.USE_TZ else settings.TIME_ZONE,
        "lines": [
            {
                "line": line,
                "wallet": label_wallet(line.order.wallet),
                "channel": labels.get(line.product, line.product),
                "refunded": -line.order.refunded_amount,
                "sums": days.get(line.day),
            }
            for line in lines
        ],
    }
