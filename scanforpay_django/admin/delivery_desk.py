"""The desk: send all of a partner's dead notifications again, try an address out; and the endpoints."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminSplitDateTime
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from scanforpay_django.admin.base import ReadOnlyAdmin
from scanforpay_django.admin.list_filters import PartnerFilter
from scanforpay_django.models import Endpoint, Notification, Partner, Store
from scanforpay_django.operations.delivery_desk import (
    TestAnswer,
    Waiting,
    breaker_state,
    last_address,
    resend_dead,
    send_test,
    waiting_notifications,
)

REASONS_OFFERED = 40
REASONS_READ = 1000
ENDPOINTS_OFFERED = 200


class ReasonFilter(admin.SimpleListFilter):
    """Why the last attempt failed."""

    title = _("last reason")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The reasons of what waits, and of what was given up last: of so many rows as indexes lead to."""
        reasons = Notification.objects.values_list("last_reason", flat=True)
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
        keys = Endpoint.objects.order_by("-failures_in_row", "key").values_list("key", flat=True)
        return [(key, key) for key in keys[:ENDPOINTS_OFFERED]]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those that go there."""
        return queryset.filter(endpoint=self.value()) if self.value() else queryset


class ResendForm(forms.Form):
    """All given-up notifications of a partner."""

    partner = forms.ModelChoiceField(Partner.objects.all(), label=_("partner"))
    since = forms.SplitDateTimeField(label=_("given up since"), required=False, widget=AdminSplitDateTime())

    def clean_since(self) -> datetime | None:
        """Near the calendar's ends it may be no date in UTC."""
        since: datetime | None = self.cleaned_data["since"]
        try:
            return since and since.astimezone(UTC)
        except OverflowError as error:
            field = self.fields["since"]
            raise forms.ValidationError(field.error_messages["invalid_date"], code="invalid_date") from error

    def do(self, request: HttpRequest) -> None:
        """Put them back into the queue and say how many."""
        sent = resend_dead(self.cleaned_data["partner"], self.cleaned_data["since"])
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


@admin.register(Endpoint)
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
