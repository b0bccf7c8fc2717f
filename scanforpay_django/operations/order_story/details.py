"""The details that flows write into an order's events, in words."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scanforpay_django.models import Flag, OrderEvent, Refund, Source
from scanforpay_django.operations.order_story.words import say_amount

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
    "message": _("message"),
    "notification": _("platform's notification"),
    "order": _("order"),
    "out_trade_no": _("our number (out_trade_no)"),
    "reason": _("reason"),
    "refund": _("our number (out_refund_no)"),
    "refund_id": _("platform's refund number"),
    "refund_no": _("merchant's refund number"),
    "reported": _("reported by the platform"),
    "request": _("request"),
    "state": _("state"),
    "trade_no": _("platform's transaction number"),
    "way": _("way"),
    "why": _("reason"),
}
#: details whose words have labels of their own
DETAIL_CHOICES: dict[str, dict[str, Any]] = {
    "flag": dict(Flag.Kind.choices),
    "kind": dict(Refund.Kind.choices),
    "state": dict(Refund.State.choices),
    "way": dict(Refund.Way.choices),
}
_AMOUNTS = ("amount", "known", "reported")
#: what stands first and last in a line: databases differ in the sequence in which they give the details back
_FIRST = ("out_trade_no", "trade_no", "refund", "refund_no", "refund_id")
_LAST = ("kind", "reason", "why", "request")


def get_amount(event: OrderEvent, currency: str) -> str:
    """The event's amount in words; "" where it has none. ``currency``: the order's, for events that name none."""
    amount = event.data.get("amount")
    return say_amount(amount, event.data.get("currency") or currency) if isinstance(amount, int) else ""


def list_details(event: OrderEvent, currency: str, *, said: frozenset[str] = frozenset()) -> Iterator[str]:
    """A text for each detail but those that the line's title has ``said``; the request's id last."""
    shown = {name: value for name, value in event.data.items() if name not in said | {"currency", "act"}}
    if event.request_id:
        shown["request"] = event.request_id
    for name, value in sorted(shown.items(), key=_find_place):
        if value in ("", None):
            continue
        if name in _AMOUNTS and isinstance(value, int):
            text = say_amount(value, event.data.get("currency") or currency)
        else:
            text = str(DETAIL_CHOICES.get(name, {}).get(str(value), value))
        label = str(DETAIL_LABELS.get(name, name))
        yield gettext("%(label)s: %(value)s") % {"label": label, "value": text}


def _find_place(detail: tuple[str, Any]) -> tuple[int, int, str]:
    name = detail[0]
    if name in _FIRST:
        return 0, _FIRST.index(name), name
    return (2, _LAST.index(name), name) if name in _LAST else (1, 0, name)


def say_cause(source: str, actor: str) -> str:
    """Who or what did it; "" for a source of a later version."""
    texts: dict[str, str] = {
        Source.API: gettext("by the shop"),
        Source.PAGE: gettext("on the pay page"),
        Source.PROJECT: gettext("by this project"),
        Source.PLATFORM_NOTIFY: gettext("by a notification of the platform, verified"),
        Source.PLATFORM_QUERY: gettext("by the platform's answer to a query"),
        Source.STAFF: gettext("by %(name)s (staff)") % {"name": actor},
        Source.SWEEP: gettext("by the periodic run"),
        Source.RULE: gettext("automatic (store setting)"),
    }
    return texts.get(source, "")
