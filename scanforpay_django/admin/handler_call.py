"""Calls of the project's own handlers: staff see what failed, and have it called again."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from scanforpay_django.admin.large_list import LargeList
from scanforpay_django.admin.list_filters import newest_values
from scanforpay_django.admin.number_search import NumberSearch
from scanforpay_django.flows.call_handlers import call_again
from scanforpay_django.models import HandlerCall
from scanforpay_django.models.handler_call import HandlerCallQuerySet


def may_call_again(request: HttpRequest) -> bool:
    """Users who may change handler calls may have them made again."""
    return request.user.has_perm("scanforpay.change_handlercall")


def call_handler_again(request: HttpRequest, calls: HandlerCallQuerySet) -> None:
    """Have them made now, and say how many. Raises PermissionDenied."""
    if not may_call_again(request):
        raise PermissionDenied
    again = call_again(calls)
    text = ngettext("%d handler will be called again.", "%d handlers will be called again.", again) % again
    messages.add_message(request, messages.SUCCESS if again else messages.WARNING, text)


class HandlerCallAdmin(LargeList, NumberSearch):
    """Handler calls with the traceback of their last failure."""

    list_display = ["handler", "event", "order", "state", "attempt_count", "next_at", "finished_at"]
    list_filter = ["state", newest_values("event"), newest_values("handler")]
    list_select_related = ["order"]
    fields = [
        "handler", "event", "order", "state", "attempt_count", "created_at", "next_at", "finished_at", "last_error",
    ]  # fmt: skip
    actions = ["call_selected_again"]

    def has_call_permission(self, request: HttpRequest) -> bool:
        """What the action asks for."""
        return may_call_again(request)

    @admin.action(description=_("Call again"), permissions=["call"])
    def call_selected_again(self, request: HttpRequest, queryset: Any) -> None:
        """Those that were given up or wait start anew; what is done, or being made now, stays."""
        call_handler_again(request, HandlerCall.objects.filter(pk__in=queryset.order_by().values("pk")))
