"""Merchant notifications, their delivery attempts, and resending them."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from scanforpay_django.admin.base import ReadOnlyInline, warn_of_clocks
from scanforpay_django.admin.delivery_desk import (
    ResendForm,
    TestForm,
    describe_deliveries,
    resend_endpoint,
)
from scanforpay_django.admin.handler_call import call_handler_again, may_call_again
from scanforpay_django.admin.large_list import LargeList
from scanforpay_django.admin.notification_list import (
    FIELDS,
    NotificationRows,
    NotificationState,
    describe_list,
)
from scanforpay_django.admin.number_search import NumberSearch
from scanforpay_django.admin.order_acts import make_staff_cause
from scanforpay_django.admin.scope import narrow
from scanforpay_django.merchant_notify.outbox import resend
from scanforpay_django.models import Notification, NotificationAttempt
from scanforpay_django.models.database import atomic, non_atomic_requests
from scanforpay_django.models.handler_call import HandlerCallQuerySet
from scanforpay_django.operations.delivery_desk import FailingHandler, failing_calls, failing_handlers


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


class NotificationAdmin(LargeList, NumberSearch):
    """Merchant notifications; staff resend them, one, several or all that were given up."""

    list_display = ["message_id"]
    list_filter = [NotificationState, *FIELDS]
    list_select_related = ["order"]
    list_per_page = 50
    fields = [
        "message_id", "order", "kind", "url", "state", "content", "created_at", "next_at", "attempt_count",
        "delivered_at", "learned_at", "last_reason", "alarmed_at", "mailed_at",
    ]  # fmt: skip
    inlines = [AttemptInline]
    actions = ["send_selected_again"]
    change_list_template = "admin/scanforpay/notification_list.html"
    change_form_template = "admin/scanforpay/notification_change.html"

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[NotificationRows]:
        """With when each was tried last."""
        return NotificationRows

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """What the action and the desk ask for."""
        return request.user.has_perm("scanforpay.resend_notification")

    @admin.action(description=_("Resend"), permissions=["resend"])
    def send_selected_again(self, request: HttpRequest, queryset: Any) -> None:
        """Put them back into the queue; those being sent right now, or whose order is not paid, stay."""
        asked = list(queryset.select_related("order").order_by("pk"))
        sent = sum(self._send_again(request, row) for row in asked)
        left = len(asked) - sent
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

    def _send_again(self, request: HttpRequest, row: Notification) -> bool:
        with atomic():
            if not resend(row):
                return False
            row.order.record_event(make_staff_cause(request), {"act": "resend", "message": row.message_id})
        self.log_change(request, row, _("Resent."))
        return True

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
        extra = {
            **(extra_context or {}),
            "may_resend": self.has_resend_permission(request),
            "title": capfirst(str(self.opts.verbose_name_plural)),
        }
        answer = super().changelist_view(request, extra)
        if isinstance(answer, TemplateResponse) and answer.context_data and "cl" in answer.context_data:
            described = describe_deliveries(request)
            waiting, given_up = described["waiting"], described["given_up"]
            answer.context_data |= described | describe_list(
                answer.context_data["cl"],
                given_up=given_up.number if given_up else 0,
                waiting=waiting.waiting,
                has_more=waiting.has_more,
            )
        return answer

    def get_urls(self) -> list[Any]:
        """The desk beside the list."""
        desk = non_atomic_requests(self.admin_site.admin_view(self.desk_view))
        return [path("desk/", desk, name="scanforpay_delivery_desk"), *super().get_urls()]

    def desk_view(self, request: HttpRequest) -> HttpResponse:
        """Resend a partner's given-up notifications, or try an address out; it calls the shop, so in no transaction."""
        if not self.has_resend_permission(request):
            raise PermissionDenied
        resend = ResendForm(request.POST if "_resend" in request.POST else None, request=request)
        test = TestForm(
            request.POST if "_test" in request.POST else None,
            request=request,
            initial={"url": request.GET.get("url", "")},
        )
        answer = test.do() if test.is_bound and test.is_valid() else None
        if resend.is_bound and resend.is_valid():
            resend.do(request)
            return HttpResponseRedirect(request.path)
        if "_resend_endpoint" in request.POST:
            resend_endpoint(request, request.POST.get("endpoint", ""))
            return HttpResponseRedirect(self._list_url())
        if "_call_again" in request.POST:
            call_handler_again(request, _own_failing_calls(request, request.POST["_call_again"]))
            return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Delivery desk"),
            "opts": self.opts,
            "media": self.media + resend.media,
            "resend_form": resend,
            "test_form": test,
            "answer": answer,
            "handlers": _own_failing_handlers(request),
            "may_call_again": may_call_again(request),
        }
        return TemplateResponse(request, "admin/scanforpay/delivery_desk.html", context)

    def _list_url(self) -> str:
        return reverse("admin:scanforpay_notification_changelist", current_app=self.admin_site.name)


def _own_failing_calls(request: HttpRequest, handler: str = "") -> HandlerCallQuerySet:
    """Calls that fail, of the user's stores, of one handler or of all."""
    return cast(HandlerCallQuerySet, narrow(request, failing_calls(handler)))


def _own_failing_handlers(request: HttpRequest) -> list[FailingHandler]:
    """What the desk shows to those who may view handler calls."""
    if not request.user.has_perm("scanforpay.view_handlercall"):
        return []
    return failing_handlers(_own_failing_calls(request))
