"""The timeline of an order, in words."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from scanforpay_django.admin.base import ReadOnlyInline, display_amount
from scanforpay_django.models import Flag, Order, OrderEvent, Refund

#: what a line of the timeline calls the details that flows write
DETAIL_LABELS = {
    "amount": _("amount"),
    "event": _("event"),
    "fields": _("fields"),
    "flag": _("flag"),
    "found": _("found"),
    "handler": _("handler"),
    "kind": _("kind"),
    "known": _("known here"),
    "made_at": _("made at"),
    "out_trade_no": _("our number (out_trade_no)"),
    "notification": _("platform's notification"),
    "order": _("order"),
    "reason": _("reason"),
    "refund": _("our number (out_refund_no)"),
    "refund_id": _("platform's refund number"),
    "refund_no": _("merchant's refund number"),
    "reported": _("reported by the platform"),
    "request": _("request"),
    "state": _("state"),
    "trade_no": _("platform's transaction number"),
    "why": _("reason"),
}
#: details whose words have labels of their own
DETAIL_CHOICES: dict[str, dict[str, Any]] = {
    "flag": dict(Flag.Kind.choices),
    "kind": dict(Refund.Kind.choices),
    "state": dict(Refund.State.choices),
}


def _label(name: str) -> Any:
    return DETAIL_LABELS.get(name, name)


def _value(name: str, value: Any) -> Any:
    return DETAIL_CHOICES.get(name, {}).get(str(value), value)


class EventInline(ReadOnlyInline):
    """The order's timeline, in the order in which it was written."""

    model = OrderEvent
    fields = ["at", "step", "source", "actor", "details"]
    readonly_fields = ["step", "details"]
    show_change_link = False

    @admin.display(description=_("step"))
    def step(self, obj: OrderEvent) -> str:
        """From where to where; "" where the state stayed."""
        names = dict(Order.State.choices)
        stays = obj.from_state == obj.to_state
        return "" if stays else f"{names[obj.from_state]} → {names[obj.to_state]}"

    @admin.display(description=_("details"))
    def details(self, obj: OrderEvent) -> str:
        """A line each; the request's id last."""
        shown = {**obj.data, **({"request": obj.request_id} if obj.request_id else {})}
        sums = {name for name in ("amount", "known", "reported") if isinstance(shown.get(name), int)}
        currency = shown.pop("currency", obj.order.currency) if sums else ""
        shown |= {name: display_amount(shown[name], currency) for name in sums}
        lines = (
            (_label(name), _value(name, value)) for name, value in shown.items() if value not in ("", None)
        )
        return format_html_join(mark_safe("<br>"), "{}: {}", lines)
