"""The page of one order: what it is, what to do next, and everything that happened to it."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.admin.options import TO_FIELD_VAR
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scanforpay_django import clock
from scanforpay_django.admin.base import KEY, ModelAdmin
from scanforpay_django.admin.scope import get_scope
from scanforpay_django.models import Order, Payment
from scanforpay_django.models.refund_approval import user_key
from scanforpay_django.operations.order_story import (
    Act,
    Reader,
    Topic,
    describe_head,
    find_acts,
    load_rows,
    make_timeline,
    show_raw_rows,
)
from scanforpay_django.operations.order_story.money_back import get_left
from scanforpay_django.operations.order_story.words import say_wallet, say_wire_wallet

#: the tabs above the timeline: what stands in the address, and its name
TABS = (
    ("", gettext_lazy("All")),
    ("money", gettext_lazy("Money")),
    ("shop", gettext_lazy("Shop")),
    ("staff", gettext_lazy("Staff")),
)


def make_reader(request: HttpRequest) -> Reader:
    """Who is signed in, for the story of an order."""
    return Reader(
        scope=get_scope(request),
        may=lambda codename: request.user.has_perm(f"scanforpay.{codename}"),
        user_key=user_key(request.user),
    )


class OrderPage(ModelAdmin):
    """Mixed into the orders' admin: its page instead of a form, since nothing of an order is edited by hand."""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """At most ten statements beside those for session, user and permissions, whatever the order holds."""
        asks_oddly = request.method not in ("GET", "HEAD") or TO_FIELD_VAR in request.GET
        order = None if asks_oddly else self._find_order(request, object_id)
        if order is None or not self.has_view_permission(request, order):
            # Django's own answer to what is not there, may not be seen, or is posted here.
            return super().change_view(request, object_id, form_url, extra_context)
        before, show = _read_moment(request.GET.get("before", "")), request.GET.get("show", "")
        show = show if show in dict(TABS) else ""
        now, reader = clock.now(), make_reader(request)
        rows = load_rows(order, reader, before=before)
        topics = frozenset({Topic(show)}) if show else frozenset()
        timeline = make_timeline(rows, topics=topics, before=before)
        context = {
            **self.admin_site.each_context(request),
            **(extra_context or {}),
            "title": _("Order %(number)s") % {"number": order.partner_order_no},
            "opts": self.opts,
            "original": order,
            "order": order,
            "zone": order.store.zone,
            "head": describe_head(rows, zone=order.store.zone, now=now),
            "acts": self._link_acts(request, order, find_acts(rows, reader, now)),
            "rows": rows,
            "wallet": say_wallet(rows.applied) if rows.applied else say_wire_wallet(order.wallet),
            "payments": [_describe_payment(one) for one in rows.payments],
            "timeline": timeline,
            "older": timeline.older_before and timeline.older_before.astimezone(UTC).isoformat(),
            "is_older": before is not None,
            "tabs": TABS,
            "show": show,
            "raw": show_raw_rows(rows) if reader.may("view_payment") else "",
            "places": _find_places(request, order),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/scanforpay/order_change.html", context)

    def _find_order(self, request: HttpRequest, object_id: str) -> Order | None:
        if not KEY.fullmatch(object_id):
            return None
        orders: Any = self.get_queryset(request).select_related("store", "partner")
        found: Order | None = orders.filter(pk=object_id).first()
        return found

    def _link_acts(self, request: HttpRequest, order: Order, acts: list[Act]) -> list[dict[str, Any]]:
        """The buttons, each with where it leads."""
        here = self.admin_site.name
        shown = []
        for act in acts:
            if act.flag is not None and act.name == "approve":
                key = act.flag.details.get("approval") or 0
                url = reverse("admin:scanforpay_refund_approve", args=[key], current_app=here)
            elif act.flag is not None:
                url = reverse("admin:scanforpay_flag_change", args=[act.flag.pk], current_app=here)
            elif act.name == "copy":
                url = ""
            else:
                step = {"refund_unapplied": "refund"}.get(act.name, act.name)
                url = reverse(f"admin:scanforpay_order_{step}", args=[order.pk], current_app=here)
            shown.append({"act": act, "name": act.name, "url": url})
        return shown


def _describe_payment(payment: Payment) -> dict[str, Any]:
    fee = getattr(payment, "known_fee", None)
    kept = (payment.paid_amount or 0) - payment.refunded_amount
    return {
        "row": payment,
        "wallet": say_wallet(payment),
        "left": get_left(payment),
        "fee": fee,
        "is_expected": bool(getattr(payment, "is_fee_expected", None)),
        "net": None if fee is None else kept - fee,
    }


def _read_moment(text: str) -> datetime | None:
    """None for what is no moment with an offset."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _find_places(request: HttpRequest, order: Order) -> dict[str, str]:
    """The pages of the order's store and partner, for those who may open them."""
    found = {}
    for name, key in (("store", order.store_id), ("partner", order.partner_id)):
        if request.user.has_perm(f"scanforpay.view_{name}"):
            try:
                site = request.resolver_match.namespace if request.resolver_match else "admin"
                found[name] = reverse(f"admin:scanforpay_{name}_change", args=[key], current_app=site)
            except NoReverseMatch:
                continue
    return found
