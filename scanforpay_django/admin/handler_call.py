"""Calls of the project's own handlers: staff see what failed, and have it called again."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from scanforpay_django.admin.base import ReadOnlyAdmin
from scanforpay_django.flows.call_handlers import call_again
from scanforpay_django.models import HandlerCall


@admin.register(HandlerCall)
class HandlerCallAdmin(ReadOnlyAdmin):
    """Handler calls with the traceback of their last failure."""

    list_display = ["handler", "event", "order", "state", "attempt_count", "next_at", "finished_at"]
    list_filter = ["state", "event", "handler"]
    search_fields = ["handler", "order__order_no", "order__partner_order_no"]
    list_select_related = ["order"]
    fields = [
        "handler", "event", "order", "state", "attempt_count", "created_at", "next_at", "finished_at", "last_error",
    ]  # fmt: skip
    actions = ["call_selected_again"]

    def has_call_permission(self, request: HttpRequest) -> bool:
        """Users who may change handler calls may have them made again."""
        return request.user.has_perm("scanforpay.change_handlercall")

    @admin.action(description=_("Call again"), permissions=["call"])
    def call_selected_again(self, request: HttpRequest, queryset: Any) -> None:
        """Those that were given up start anew; others go on by themselves."""
        again = call_again(HandlerCall.objects.filter(pk__in=queryset.order_by().values("pk")))
        text = (
            ngettext("%d handler will be called again.", "%d handlers will be called again.", again) % again
        )
        self.message_user(request, text, messages.SUCCESS if again else messages.WARNING)
