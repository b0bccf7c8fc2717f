"""The reconciliation page: cards, the table of days and merchant numbers, and the differences below it."""

from typing import Any

from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scanforpay_django.admin.base import ModelAdmin
from scanforpay_django.admin.difference_filters import (
    ALL_DAYS,
    BillFilter,
    DayFilter,
    KindFilter,
    MerchantFilter,
    StateFilter,
    find_day,
    get_matrix,
    get_open,
)
from scanforpay_django.admin.scope import get_scope
from scanforpay_django.books.difference_acts import ADVICE, find_act
from scanforpay_django.conf import conf
from scanforpay_django.models import Difference
from scanforpay_django.operations.reconciliation.day_figures import read_day_figures
from scanforpay_django.operations.reconciliation.words import (
    find_look,
    rank_kinds,
    say_difference,
    say_merchant,
    say_number,
    shown_amount,
)

#: state in the address -> the tab's word
TABS = (("", gettext_lazy("open")), ("closed", gettext_lazy("closed")), ("all", gettext_lazy("All")))


class DifferenceRows(ChangeList):
    """Money first, then files and fees, then notes; of each the newest first."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        """With the place of each kind."""
        rows = super().get_queryset(request, exclude_parameters).annotate(rank=rank_kinds())
        return rows.order_by(*self.get_ordering(request, rows))

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[Any]:
        """All closed ones by the key alone: those are sorted that are open, or of a day."""
        is_sorted = not request.GET.get(StateFilter.parameter_name) or find_day(request) is not None
        return ["rank", "-pk"] if is_sorted and "rank" in queryset.query.annotations else ["-pk"]


class DifferenceList(ModelAdmin):
    """Mixed into the differences' admin: its list."""

    change_list_template = "admin/scanforpay/reconciliation.html"
    list_display = ["number"]
    list_filter = [DayFilter, StateFilter, BillFilter, KindFilter, MerchantFilter]
    list_select_related = ["day__account__store"]
    list_per_page = 50
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> Any:
        """Staff may be in another database: no JOIN leads there."""
        return super().get_queryset(request).prefetch_related("closed_by")

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        """With the place of each kind."""
        return DifferenceRows

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """At most twelve statements beside those for session, user and permissions."""
        answer = super().changelist_view(request, extra_context)
        if isinstance(answer, TemplateResponse) and answer.context_data and "cl" in answer.context_data:
            answer.context_data |= {
                **_describe_page(request),
                **_describe_list(request, answer.context_data["cl"]),
                "title": _("Reconciliation"),
                "subtitle": None,
                "may_act": self.may_act(request),
                "may_upload": request.user.has_perm("scanforpay.add_billfile"),
            }
        return answer

    def may_act(self, request: HttpRequest) -> bool:
        """Whether the reader may carry out what is proposed, compare again, and close."""
        return request.user.has_perm("scanforpay.change_difference")


def _describe_page(request: HttpRequest) -> dict[str, Any]:
    """The cards and the table of days."""
    matrix, found = get_matrix(request), get_open(request)
    return {
        "is_fetching": conf.bill_storage_is_set,
        "open": found.total,
        "oldest_day": found.oldest_day,
        "figures": read_day_figures(get_scope(request), matrix.rows, found),
        "matrix": matrix,
        "chosen_account": request.GET.get(MerchantFilter.parameter_name, ""),
    }


def _describe_list(request: HttpRequest, changes: Any) -> dict[str, Any]:
    pages, number = changes.paginator, changes.page_num
    day = find_day(request)
    state = request.GET.get(StateFilter.parameter_name, "")
    chosen = [request.GET.get(name, "") for name in changes.filter_params]
    return {
        "lines": [describe_line(row) for row in changes.result_list],
        "day": day,
        "bill": request.GET.get(BillFilter.parameter_name, ""),
        "tabs": list(_make_tabs(changes, state, day)),
        "fields": [
            one for one in changes.filter_specs if isinstance(one, DayFilter | KindFilter | MerchantFilter)
        ],
        "day_value": f"{day}" if day else ALL_DAYS,
        "is_filtered": any(chosen),
        "previous_page": changes.get_query_string({PAGE_VAR: number - 1}) if number > 1 else "",
        "next_page": changes.get_query_string({PAGE_VAR: number + 1}) if number < pages.num_pages else "",
    }


def _make_tabs(changes: Any, state: str, day: Any) -> Any:
    """The day stays with them: without a day another one would be chosen."""
    for value, word in TABS:
        changed = {
            StateFilter.parameter_name: value or None,
            DayFilter.parameter_name: f"{day}" if day else ALL_DAYS,
        }
        yield {
            "query": changes.get_query_string(changed, [PAGE_VAR]),
            "word": word,
            "is_current": value == state,
        }


def describe_line(row: Difference) -> dict[str, Any]:
    """What a row of the list shows."""
    act = find_act(row)
    look, icon = find_look(row.kind)
    return {
        "row": row,
        "look": look if row.closed_at is None else "off",
        "icon": icon if row.closed_at is None else "check",
        "is_hot": row.closed_at is None and look == "bad",
        "amount": shown_amount(row),
        "number": say_number(row),
        "merchant": say_merchant(row.day),
        "said": say_difference(row),
        "act": act,
        "proposed": act.label if act else ADVICE.get(row.kind, ""),
    }
