"""What staff do with several orders of the list at once: ask their platforms, resend, close."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from scanforpay_django.admin.base import KEY
from scanforpay_django.admin.order_acts import OrderActs
from scanforpay_django.models import Order
from scanforpay_django.models.database import non_atomic_requests

#: of one page of the list
MOST_SELECTED = 100
#: platforms may answer slowly: orders that are left after so long are named, and may be selected again
MOST_SECONDS = 20.0
#: the button's name -> the permission that it needs
PERMISSIONS = {"ask": "change_order", "resend": "resend_notification", "close": "close_order"}
DONE, NOTHING, FAILED, LEFT = "done", "nothing", "failed", "left"
_REST = {
    NOTHING: ngettext_lazy("For %d order there was nothing to do.", "For %d orders there was nothing to do."),
    FAILED: ngettext_lazy(
        "%d order failed: its timeline says why.", "%d orders failed: their timelines say why."
    ),
    LEFT: ngettext_lazy(
        "%d order is left, since the platforms were slow: select it again.",
        "%d orders are left, since the platforms were slow: select them again.",
    ),
}
#: act -> what became of orders -> the sentence about one and about several
_WORDS = {
    "ask": {
        DONE: ngettext_lazy(
            "The platform was asked about %d order.", "The platforms were asked about %d orders."
        ),
        **_REST,
    },
    "resend": {
        DONE: ngettext_lazy(
            "The notification of %d order will be resent.", "The notifications of %d orders will be resent."
        ),
        **_REST,
    },
    "close": {DONE: ngettext_lazy("%d order was closed.", "%d orders were closed."), **_REST},
}


class BulkActs(OrderActs):
    """Mixed into the orders' admin: the buttons below the list."""

    def get_urls(self) -> list[Any]:
        """The address that the buttons below the list post to."""
        wrapped = non_atomic_requests(self.admin_site.admin_view(self.bulk_view))
        return [path("bulk/", wrapped, name="scanforpay_order_bulk"), *super().get_urls()]

    def bulk_view(self, request: HttpRequest) -> HttpResponse:
        """One act for each of the selected orders, one after the other. Closing them is asked about first."""
        act = request.POST.get("act", "")
        if act not in PERMISSIONS:
            return self._return_to_list(request)
        self.check_step(request, PERMISSIONS[act])
        orders = self._read_selected(request)
        if not orders:
            messages.warning(request, _("No order is selected."))
            return self._return_to_list(request)
        if act == "close" and "_sure" not in request.POST:
            return self._confirm(request, orders)
        self._say(request, act, self._do_all(request, act, orders))
        return self._return_to_list(request)

    def _read_selected(self, request: HttpRequest) -> list[Order]:
        keys = [key for key in request.POST.getlist("selected") if KEY.fullmatch(key)]
        found: Any = self.get_queryset(request).select_related("store", "partner")
        return list(found.filter(pk__in=keys[:MOST_SELECTED]).order_by("-pk"))

    def _confirm(self, request: HttpRequest, orders: list[Order]) -> HttpResponse:
        pending = [order for order in orders if order.state == Order.State.PENDING]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Close the selected orders"),
            "opts": self.opts,
            "orders": pending,
            "others": len(orders) - len(pending),
            "query": _read_query(request),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/scanforpay/bulk_close.html", context)

    def _do_all(self, request: HttpRequest, act: str, orders: list[Order]) -> Counter[str]:
        do: Callable[[HttpRequest, Order], bool | None] = {
            "ask": self.ask_one,
            "resend": self._resend_one,
            "close": self._close_one,
        }[act]
        ends_at, found = time.monotonic() + MOST_SECONDS, Counter[str]()
        for order in orders:
            if time.monotonic() >= ends_at:
                found[LEFT] += 1
                continue
            done = do(request, order)
            found[FAILED if done is None else DONE if done else NOTHING] += 1
        return found

    def _resend_one(self, request: HttpRequest, order: Order) -> bool:
        return bool(self.resend_one(request, order))

    def _close_one(self, request: HttpRequest, order: Order) -> bool | None:
        return False if order.state != Order.State.PENDING else self.close_one(request, order)

    def _say(self, request: HttpRequest, act: str, found: Counter[str]) -> None:
        for name, sentence in _WORDS[act].items():
            if number := found[name]:
                level = messages.SUCCESS if name == DONE else messages.WARNING
                messages.add_message(request, level, sentence % number)

    def _return_to_list(self, request: HttpRequest) -> HttpResponse:
        place = reverse("admin:scanforpay_order_changelist", current_app=self.admin_site.name)
        query = _read_query(request)
        return HttpResponseRedirect(f"{place}?{query}" if query else place)


def _read_query(request: HttpRequest) -> str:
    """The list's filters and page, as they stood in its address."""
    return request.POST.get("query", "").lstrip("?")
