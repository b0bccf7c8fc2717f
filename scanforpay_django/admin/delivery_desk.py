"""The desk: send all of a partner's dead notifications again, try an address out; and the endpoints."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from scanforpay_django.admin.base import ReadOnlyAdmin
from scanforpay_django.admin.list_filters import PartnerFilter
from scanforpay_django.admin.scope import get_scope, narrow, narrow_field
from scanforpay_django.merchant_notify.outbox import resend_all
from scanforpay_django.models import Endpoint, Notification, Partner, Store
from scanforpay_django.operations.delivery_desk import (
    GIVEN_UP,
    TestAnswer,
    Waiting,
    breaker_state,
    count_delivered_today,
    exhausted_notifications,
    last_address,
    send_test,
    waiting_notifications,
)
from scanforpay_django.operations.overview.todo import find_given_up, read_waiting

REASONS_OFFERED = 40
REASONS_READ = 1000
ENDPOINTS_OFFERED = 200
ENDPOINTS_SHOWN = 10
#: a shop whose answers take so long is called slow
SLOW_MS = 2000
#: the bars of an endpoint's last attempts, and their heights in pixels
TRIES_DRAWN, LEAST_BAR, MOST_BAR = 50, 3, 20


class ReasonFilter(admin.SimpleListFilter):
    """Why the last attempt failed."""

    title = _("last reason")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The reasons of what waits, and of what was given up last: of so many rows as indexes lead to."""
        reasons = narrow(request, Notification.objects.all()).values_list("last_reason", flat=True)
        # the index of what is due has the second condition, too
        pending = reasons.filter(state=Notification.State.PENDING, attempt_count__gte=0)
        waiting = pending.order_by("next_at")[:REASONS_READ]
        given_up = reasons.filter(alarmed_at__isnull=False).order_by("-alarmed_at")[:REASONS_READ]
        found = sorted({*waiting, *given_up, self.value() or ""} - {""})
        return [(reason, reason) for reason in found[:REASONS_OFFERED]]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those with the reason."""
        return queryset.filter(last_reason=self.value()) if self.value() else queryset


class EndpointFilter(admin.SimpleListFilter):
    """Notifications of one endpoint: a partner and the origin of its notify address."""

    title = _("endpoint")
    parameter_name = "endpoint"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Those that were tried."""
        endpoints = narrow(request, Endpoint.objects.order_by("-failures_in_row", "key"))
        keys = endpoints.values_list("key", flat=True)
        return [(key, key) for key in keys[:ENDPOINTS_OFFERED]]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those that go there."""
        return queryset.filter(endpoint=self.value()) if self.value() else queryset


def describe_deliveries(request: HttpRequest) -> dict[str, Any]:
    """What stands above the list of notifications: what was given up, what waits, and the endpoints, worst first."""
    scope = get_scope(request)
    given_up = find_given_up(scope)
    described: dict[str, Any] = {
        "given_up": given_up[0] if given_up else None,
        "waiting": read_waiting(scope),
        "delivered": count_delivered_today(scope),
    }
    if request.user.has_perm("scanforpay.view_endpoint"):
        described["endpoints"] = list_endpoints(request)
    return described


def list_endpoints(request: HttpRequest) -> list[Any]:
    """The ten that fail most, each with what waits for it."""
    rows: Any = narrow(request, Endpoint.objects.select_related("partner"))
    worst = list(
        rows.order_by(F("open_since").asc(nulls_last=True), "-failures_in_row", "key")[:ENDPOINTS_SHOWN]
    )
    queues = waiting_notifications(row.key for row in worst)
    for row in worst:
        row.queue = queues.get(row.key, Waiting())
        row.is_slow = (row.median_ms or 0) >= SLOW_MS
        row.bars = draw_tries(row.recent)
        row.test_url = f"{row.origin}/"
    return worst


def draw_tries(recent: list[int]) -> list[dict[str, Any]]:
    """A bar for each of the last attempts, the newest to the right: as high as it took long, at most two seconds."""
    bars = []
    for number, took in enumerate(recent[-TRIES_DRAWN:]):
        milliseconds = took if took >= 0 else -1 - took
        height = LEAST_BAR + (MOST_BAR - LEAST_BAR) * min(milliseconds, SLOW_MS) // SLOW_MS
        bars.append({"x": 4 * number, "y": MOST_BAR - height, "height": height, "failed": took < 0})
    return bars


def resend_endpoint(request: HttpRequest, key: str) -> None:
    """Put all that was given up for an endpoint back into the queue, and say how many."""
    dead = Notification.objects.filter(GIVEN_UP, endpoint=key)
    sent = resend_all(Notification.objects.filter(pk__in=narrow(request, dead).values("pk")))
    text = ngettext("%d notification will be resent.", "%d notifications will be resent.", sent) % sent
    messages.add_message(request, messages.SUCCESS if sent else messages.WARNING, text)


class ResendForm(forms.Form):
    """All given-up notifications of a partner."""

    partner = forms.ModelChoiceField(Partner.objects.all(), label=_("partner"))
    since = forms.SplitDateTimeField(label=_("given up since"), required=False, widget=AdminSplitDateTime())

    def __init__(self, data: Any, *, request: HttpRequest) -> None:
        super().__init__(data)
        narrow_field(request, self, "partner")

    def clean_since(self) -> datetime | None:
        """Near the calendar's ends it may be no date in UTC."""
        since: datetime | None = self.cleaned_data["since"]
        try:
            # Without USE_TZ the form gives a naive one, in the project's time zone.
            aware = timezone.make_aware(since) if since and timezone.is_naive(since) else since
            return aware and aware.astimezone(UTC)
        except OverflowError as error:
            field = self.fields["since"]
            raise forms.ValidationError(field.error_messages["invalid_date"], code="invalid_date") from error

    def do(self, request: HttpRequest) -> None:
        """Put them back into the queue and say how many."""
        dead = exhausted_notifications(self.cleaned_data["partner"], self.cleaned_data["since"])
        sent = resend_all(Notification.objects.filter(pk__in=narrow(request, dead).values("pk")))
        text = ngettext("%d notification will be resent.", "%d notifications will be resent.", sent) % sent
        messages.add_message(request, messages.SUCCESS if sent else messages.WARNING, text)


class TestForm(forms.Form):
    """Where a test notification goes."""

    store = forms.ModelChoiceField(Store.objects.select_related("partner"), label=_("store"), required=False)
    url = forms.CharField(
        label=_("address"),
        max_length=200,
        required=False,
        help_text=_("Empty: where the store was last to be notified."),
        widget=forms.URLInput(attrs={"class": "vURLField"}),
    )

    def __init__(self, data: Any, *, request: HttpRequest, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        narrow_field(request, self, "store")

    def clean(self) -> dict[str, Any]:
        """An address is needed, given or known."""
        cleaned = super().clean() or {}
        store = cleaned.get("store")
        cleaned["url"] = cleaned.get("url") or (last_address(store) if store else "")
        if not cleaned["url"]:
            raise forms.ValidationError(_("Give an address, or a store that has orders with one."))
        return cleaned

    def do(self) -> TestAnswer:
        """Send it and wait."""
        return send_test(self.cleaned_data["url"], self.cleaned_data["store"])


class EndpointAdmin(ReadOnlyAdmin):
    """Where merchants are notified, and how that goes."""

    list_display = [
        "partner", "origin", "breaker", "success", "median", "oldest_due", "waiting", "given_up", "delivered_at",
        "failed_at",
    ]  # fmt: skip
    list_filter = [("open_since", admin.EmptyFieldListFilter), PartnerFilter]
    search_fields = ["key"]
    list_select_related = ["partner"]
    fields = [
        "partner", "origin", "breaker", "failures_in_row", "open_since", "next_probe_at", "recovered_at", "success",
        "median", "delivered_count", "failed_count", "delivered_at", "failed_at",
    ]  # fmt: skip
    readonly_fields = ["breaker", "success", "median"]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The page's rows with what waits for them: one statement for all."""
        page = super().get_changelist_instance(request)
        rows = list(page.result_list)
        waiting = waiting_notifications(row.key for row in rows)
        for row in rows:
            row.queue = waiting.get(row.key, Waiting())
        page.result_list = rows
        return page

    @admin.display(description=_("circuit breaker"))
    def breaker(self, row: Endpoint) -> Any:
        """Whether deliveries are held back: the endpoint failed five times in a row."""
        return _("tripped") if breaker_state(row) == "open" else _("normal")

    @admin.display(description=_("success rate"))
    def success(self, row: Endpoint) -> str:
        """Of the last fifty attempts."""
        return "" if row.success_rate is None else f"{row.success_rate:.0%}"

    @admin.display(description=_("median time"))
    def median(self, row: Endpoint) -> str:
        """Of the last acknowledged tries."""
        return "" if row.median_ms is None else f"{row.median_ms} ms"

    @admin.display(description=_("waiting"))
    def waiting(self, row: Any) -> int:
        """How many messages wait to be delivered."""
        return int(row.queue.number)

    @admin.display(description=_("given up"))
    def given_up(self, row: Any) -> int:
        """How many messages were given up."""
        return int(row.queue.exhausted)

    @admin.display(description=_("oldest due"))
    def oldest_due(self, row: Any) -> Any:
        """Since when the oldest due message waits."""
        return row.queue.oldest_due
