"""The list of notifications: tabs by state, a form of filters, and a button in each row."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR
from django.db.models import OuterRef, Q, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from scanforpay_django.admin.delivery_desk import EndpointFilter, ReasonFilter
from scanforpay_django.admin.large_list import NewestFirst
from scanforpay_django.admin.list_filters import CreatedFilter, OrderStoreFilter
from scanforpay_django.conf import conf
from scanforpay_django.models import Notification, NotificationAttempt
from scanforpay_django.operations.delivery_desk import GIVEN_UP

# As the partial index of what is due has it: the table may hold millions that are done.
WAITING = Q(state=Notification.State.PENDING, attempt_count__gte=0)
#: state -> what the tab is called, its colour and its icon; the others are chosen in the form
TABS = (
    (Notification.State.EXHAUSTED, _("given up"), "bad", "stop"),
    (Notification.State.PENDING, _("waiting"), "wait", "wait"),
    (Notification.State.LEARNED, _("learned by query"), "", ""),
    ("", _("All"), "", ""),
)
#: filters that are drawn as fields of the form; the tabs have the state
FIELDS = (OrderStoreFilter, ReasonFilter, EndpointFilter, CreatedFilter)


class NotificationState(admin.SimpleListFilter):
    """Notifications in one state, as the tabs name it."""

    title = _("state")
    parameter_name = "state__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Every state there is, those without a tab too."""
        return list(Notification.State.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those in the state."""
        value = self.value()
        conditions: dict[Any, Q] = {
            Notification.State.EXHAUSTED: GIVEN_UP,
            Notification.State.PENDING: WAITING,
        }
        return queryset.filter(conditions.get(value, Q(state=value))) if value else queryset


class NotificationRows(NewestFirst):
    """The notifications of the list, each with its ``tried_at``."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        """When each was tried last comes with the page's rows."""
        tries = NotificationAttempt.objects.filter(notification=OuterRef("pk")).order_by("-number")
        rows = super().get_queryset(request, exclude_parameters)
        return rows.annotate(tried_at=Subquery(tries.values("started_at")[:1]))


def describe_list(changes: Any, *, given_up: int, waiting: int, has_more: bool) -> dict[str, Any]:
    """What the list's template shows around and in its rows."""
    pages, number = changes.paginator, changes.page_num
    counts = {
        Notification.State.EXHAUSTED: f"{given_up}",
        Notification.State.PENDING: f"{waiting}{'+' * has_more}",
    }
    return {
        "lines": [_make_line(row) for row in changes.result_list],
        "tabs": list(_make_tabs(changes, counts)),
        "fields": [one for one in changes.filter_specs if isinstance(one, FIELDS)],
        "is_filtered": bool(changes.query or changes.filter_params),
        "previous_page": changes.get_query_string({PAGE_VAR: number - 1}) if number > 1 else "",
        "next_page": changes.get_query_string({PAGE_VAR: number + 1}) if number < pages.num_pages else "",
    }


def _make_line(row: Any) -> dict[str, Any]:
    is_waiting = row.state == Notification.State.PENDING
    return {
        "row": row,
        "made": row.attempt_count - row.schedule_start if is_waiting else row.attempt_count,
        # of one that waits: how many there will be
        "most": conf.notify_max_attempts if is_waiting else None,
        "tried_at": row.tried_at,
        "next_at": row.next_at if is_waiting else None,
        "is_hot": row.state == Notification.State.EXHAUSTED,
        "may_resend": row.state != Notification.State.DELIVERED,
    }


def _make_tabs(changes: Any, counts: dict[Any, str]) -> Iterable[dict[str, Any]]:
    chosen = changes.params.get(NotificationState.parameter_name, "")
    chosen = chosen[0] if isinstance(chosen, list) else chosen
    for value, word, look, icon in TABS:
        changed = {NotificationState.parameter_name: value or None}
        yield {
            "query": changes.get_query_string(changed, [PAGE_VAR]),
            "word": word,
            "look": look,
            "icon": icon,
            "count": counts.get(value, ""),
            "is_current": chosen == value,
        }
