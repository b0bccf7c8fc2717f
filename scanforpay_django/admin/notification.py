"""Merchant notifications, their delivery attempts, and resending them."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from scanforpay_django.admin.base import ReadOnlyInline, warn_of_clocks
from scanforpay_django.admin.delivery_desk import EndpointFilter, ReasonFilter, ResendForm, TestForm
from scanforpay_django.admin.handler_call import call_handler_again, may_call_again
from scanforpay_django.admin.large_list import LargeList
from scanforpay_django.admin.list_filters import CreatedFilter, OrderStoreFilter
from scanforpay_django.admin.number_search import NumberSearch
from scanforpay_django.merchant_notify.outbox import resend_all
from scanforpay_django.models import Notification, NotificationAttempt
from scanforpay_django.models.database import non_atomic_requests
from scanforpay_django.operations.delivery_desk import failing_calls, failing_handlers


class AttemptInline(ReadOnlyInline):
    """One row for each delivery attempt, with what the merchant's server answered."""

    model = NotificationAttempt
    fields = ["number", "state", "started", "duration_ms", "http_status", "reason", "answer", "address"]
    readonly_fields = ["started"]
    show_change_link = False

    @admin.display(description=_("started"))
    def started(self, row: NotificationAttempt) -> str:
        """To the millisecond: the first tries are seconds apart."""
        return timezone.localtime(row.started_at).isoformat(sep=" ", timespec="milliseconds")


@admin.register(Notification)
class NotificationAdmin(LargeList, NumberSearch):
    """Merchant notifications; staff resend them, one, several or all that were given up."""

    list_display = [
        "message_id", "state", "last_reason", "attempt_count", "next_at", "order", "delivered_at", "alarmed_at", "url",
    ]  # fmt: skip
    list_filter = [
        "state", ("alarmed_at", admin.EmptyFieldListFilter), OrderStoreFilter, ReasonFilter, EndpointFilter,
        CreatedFilter,
    ]  # fmt: skip
    list_select_related = ["order"]
    fields = [
        "message_id", "order", "kind", "url", "state", "content", "created_at", "next_at", "attempt_count",
        "delivered_at", "learned_at", "last_reason", "alarmed_at", "mailed_at",
    ]  # fmt: skip
    inlines = [AttemptInline]
    actions = ["send_selected_again"]
    change_list_template = "admin/scanforpay/notification_list.html"
    change_form_template = "admin/scanforpay/notification_change.html"

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Users who may change notifications may resend them."""
        return request.user.has_perm("scanforpay.change_notification")

    @admin.action(description=_("Resend"), permissions=["resend"])
    def send_selected_again(self, request: HttpRequest, queryset: Any) -> None:
        """Put them back into the queue; those being sent right now, or whose order is not paid, stay."""
        asked = queryset.count()
        sent = resend_all(Notification.objects.filter(pk__in=queryset.order_by().values("pk")))
        left = asked - sent
        if sent:
            text = (
                ngettext("%d notification will be resent.", "%d notifications will be resent.", sent) % sent
            )
            self.message_user(request, text, messages.SUCCESS)
        if left:
            text = ngettext(
                "%d was skipped: it is being sent now, or its order is not paid.",
                "%d were skipped: they are being sent now, or their orders are not paid.",
                left,
            )
            self.message_user(request, text % left, messages.WARNING)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page's own button does what the action does."""
        if request.method == "POST" and "_send_again" in request.POST and self.has_resend_permission(request):
            row = self.get_object(request, object_id)
            if row is None:
                raise Http404
            self.send_selected_again(request, Notification.objects.filter(pk=row.pk))
            return HttpResponseRedirect(request.path)
        extra = {**(extra_context or {}), "may_resend": self.has_resend_permission(request)}
        return super().change_view(request, object_id, form_url, extra)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, with the way to the desk."""
        warn_of_clocks(request)
        extra = {**(extra_context or {}), "may_resend": self.has_resend_permission(request)}
        return super().changelist_view(request, extra)

    def get_urls(self) -> list[Any]:
        """The desk beside the list."""
        desk = non_atomic_requests(self.admin_site.admin_view(self.desk_view))
        return [path("desk/", desk, name="scanforpay_delivery_desk"), *super().get_urls()]

    def desk_view(self, request: HttpRequest) -> HttpResponse:
        """Resend a partner's given-up notifications, or try an address out; it calls the shop, so in no transaction."""
        if not self.has_resend_permission(request):
            raise PermissionDenied
        resend = ResendForm(request.POST if "_resend" in request.POST else None)
        test = TestForm(request.POST if "_test" in request.POST else None)
        answer = test.do() if test.is_bound and test.is_valid() else None
        if resend.is_bound and resend.is_valid():
            resend.do(request)
            return HttpResponseRedirect(request.path)
        if "_call_again" in request.POST:
            call_handler_again(request, failing_calls(request.POST["_call_again"]))
            return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Delivery desk"),
            "opts": self.opts,
            "media": self.media + resend.media,
            "resend_form": resend,
            "test_form": test,
            "answer": answer,
            "handlers": failing_handlers() if request.user.has_perm("scanforpay.view_handlercall") else [],
            "may_call_again": may_call_again(request),
        }
        return TemplateResponse(request, "admin/scanforpay/delivery_desk.html", context)
