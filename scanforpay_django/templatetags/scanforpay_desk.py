"""``{% load scanforpay_desk %}``: what the staff desk's pages are written with."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scanforpay_django import money
from scanforpay_django.operations.overview.cards import make_cards, show_seconds
from scanforpay_django.operations.overview.chart import draw_charts
from scanforpay_django.operations.overview.page import May, Overview, make_overview
from scanforpay_django.operations.staff_scope import get_scope

register = template.Library()

#: a state of orders, payments, refunds, notifications or handler calls -> its colour's class and its icon
STATE_LOOKS = {
    "pending": ("wait", "wait"),
    "paid": ("ok", "paid"),
    "refunded": ("back", "back"),
    "closed": ("off", "off"),
    "expired": ("off", "exp"),
    "created": ("off", "wait"),
    "open": ("wait", "wait"),
    "closing": ("off", "wait"),
    "failed": ("bad", "stop"),
    "queued": ("wait", "wait"),
    "requested": ("wait", "wait"),
    "processing": ("wait", "wait"),
    "unknown": ("wait", "warn"),
    "payer_unreachable": ("bad", "stop"),
    "succeeded": ("back", "back"),
    "delivered": ("ok", "paid"),
    "exhausted": ("bad", "stop"),
    "superseded": ("off", "info"),
    "learned": ("off", "info"),
    "sending": ("wait", "send"),
    "acknowledged": ("ok", "paid"),
    "done": ("ok", "paid"),
}


@register.simple_tag
def desk_money(amount: int | None, currency: str) -> SafeString:
    """Minor units as "CNY 21.00", "JPY 210" or "CNY −5.00"; "" for None."""
    if amount is None:
        return SafeString()
    code, _space, digits = money.with_code(amount, currency).rpartition(" ")
    return format_html('<span class="sp-money"><abbr>{}</abbr>{}</span>', code, digits)


@register.simple_tag
def desk_time(moment: datetime | None, zone: Any = None) -> SafeString:
    """A moment to the second; "" for None. ``zone``: a store or a ``tzinfo``; without either the project's."""
    return SafeString() if moment is None else _show_time(_local(moment, zone), "%Y-%m-%d %H:%M:%S")


@register.simple_tag
def desk_clock(moment: datetime | None, zone: Any = None, beside: datetime | None = None) -> SafeString:
    """The time of day to the second, zone as for ``desk_time``; with the date unless it is ``beside``'s."""
    if moment is None:
        return SafeString()
    local = _local(moment, zone)
    is_same_day = beside is None or _local(beside, zone).date() == local.date()
    return _show_time(local, "%H:%M:%S" if is_same_day else "%Y-%m-%d %H:%M:%S")


def _local(moment: datetime, zone: Any = None) -> datetime:
    default = ZoneInfo(settings.TIME_ZONE)
    known = zone if isinstance(zone, tzinfo) else getattr(zone, "zone", default)
    aware = timezone.make_aware(moment, default) if timezone.is_naive(moment) else moment
    return aware.astimezone(known)


def _show_time(local: datetime, form: str) -> SafeString:
    return format_html(
        '<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), local.strftime(form)
    )


@register.simple_tag
def desk_day(moment: datetime, zone: tzinfo) -> str:
    """The day of an aware moment, "2026-11-29"."""
    return f"{moment.astimezone(zone):%Y-%m-%d}"


@register.simple_tag
def desk_icon(name: str) -> SafeString:
    """One of the symbols of ``desk_icons.html``, without its "sp-"; hidden from screen readers."""
    return format_html('<svg class="sp-i" aria-hidden="true"><use href="#sp-{}"></use></svg>', name)


@register.simple_tag
def desk_badge(look: str, icon: str, word: str) -> SafeString:
    """A word with its icon, coloured as ok, wait, back, bad or off."""
    return format_html('<span class="sp-st {}">{}{}</span>', look, desk_icon(icon), word)


@register.simple_tag
def desk_state(row: Any) -> SafeString:
    """The badge of a row's state; a paid order of which something was refunded is "partly refunded"."""
    if row.state == "paid" and getattr(row, "refunded_amount", 0):
        return desk_badge("back", "part", gettext("partly refunded"))
    look, icon = STATE_LOOKS.get(row.state, ("off", "info"))
    return desk_badge(look, icon, row.get_state_display())


@dataclass(frozen=True, kw_only=True)
class DeskPage:
    """An entry of the menu."""

    # for ``{% desk_nav "orders" %}``
    name: str
    title: Any
    # below "admin:"
    view: str
    args: tuple[str, ...] = ()
    # who may open it has one of these permissions of the app, or needs none
    permissions: tuple[str, ...] = ()
    # and sees all partners
    is_of_all: bool = False


#: in the menu's order
DESK_PAGES = (
    DeskPage(name="overview", title=_("Overview"), view="app_list", args=("scanforpay",)),
    DeskPage(
        name="orders",
        title=_("Orders"),
        view="scanforpay_order_changelist",
        permissions=("view_order", "change_order"),
    ),
    DeskPage(
        name="counter",
        title=_("Counter codes"),
        view="scanforpay_countercode_changelist",
        permissions=("view_countercode", "change_countercode"),
    ),
    DeskPage(
        name="delivery",
        title=_("Delivery"),
        view="scanforpay_notification_changelist",
        permissions=("view_notification", "change_notification"),
    ),
    DeskPage(
        name="reconciliation",
        title=_("Reconciliation"),
        view="scanforpay_difference_changelist",
        permissions=("view_difference", "change_difference"),
    ),
    DeskPage(
        name="set-up",
        title=_("Set-up"),
        view="scanforpay_set_up",
        permissions=(
            "view_walletaccount",
            "change_walletaccount",
            "add_partner",
            "add_store",
            "add_walletaccount",
        ),
    ),
    DeskPage(
        name="health",
        title=_("Health"),
        view="scanforpay_health",
        permissions=("view_health",),
        is_of_all=True,
    ),
)


@register.inclusion_tag("admin/scanforpay/desk_nav.html", takes_context=True)
def desk_nav(context: Context, here: str = "") -> dict[str, Any]:
    """The desk's menu, with what its reader may open, and the page's icons. ``here``: the name of the entry that a page
    below it belongs to.
    """
    request = _get_request(context)
    pages = []
    for page in DESK_PAGES:
        if url := _find_url(request, page.view, page.args) if _may_open(request, page) else "":
            current = "page" if url == request.path else "true" if page.name == here else ""
            pages.append({"url": url, "title": page.title, "current": current})
    return {"pages": pages}


def _may_open(request: Any, page: DeskPage) -> bool:
    allowed = [request.user.has_perm(f"scanforpay.{name}") for name in page.permissions]
    if allowed and not any(allowed):
        return False
    return not page.is_of_all or get_scope(request).sees_all


def _get_request(context: Any) -> Any:
    """A project need not have the context processor that puts it among the names."""
    return context.get("request") or context.request


def _find_url(request: Any, view: str, args: tuple[Any, ...] = ()) -> str:
    """On the admin site of the request; "" where that has no such page."""
    site = getattr(request, "current_app", None) or request.resolver_match.namespace
    try:
        return reverse(f"admin:{view}", args=args, current_app=site) if view else ""
    except NoReverseMatch:
        return ""


@register.inclusion_tag("admin/scanforpay/overview.html", takes_context=True)
def desk_overview(context: Context) -> dict[str, Any]:
    """What the signed-in user needs to know today."""
    request = _get_request(context)

    def may(*names: str) -> bool:
        return any(request.user.has_perm(f"scanforpay.{name}") for name in names)

    overview = make_overview(get_scope(request), may, request.GET.get("currency", ""))
    return {
        "overview": overview,
        **_describe_times(overview),
        **(_describe_steps(request, overview, may) if overview.steps else _describe_day(request, overview)),
    }


def _describe_times(overview: Overview) -> dict[str, str]:
    offset = f"UTC{overview.now:%z}"
    words = {"zone": getattr(overview.zone, "key", ""), "offset": f"{offset[:-2]}:{offset[-2:]}"}
    notes = {"zone_note": gettext("times are in %(zone)s (%(offset)s)") % words}
    if overview.read_at:
        age = max(0.0, (overview.now - overview.read_at).total_seconds())
        notes["age_note"] = gettext("figures are %(time)s old") % {"time": show_seconds(age)}
    return notes


def _describe_steps(request: Any, overview: Overview, may: May) -> dict[str, Any]:
    """The first that is not done is the next one."""
    left = [step for step in overview.steps if not step.is_done]
    done = len(overview.steps) - len(left)
    looks = {True: ("ok", "paid", gettext("done")), False: ("off", "wait", gettext("not yet"))}
    steps = []
    for step in overview.steps:
        look, icon, word = looks[step.is_done]
        may_do = not step.is_done and bool(step.permission) and may(step.permission)
        is_next = bool(left) and step is left[0]
        steps.append(
            {
                "title": step.title,
                "text": step.text,
                "action": step.action,
                "look": "wait" if is_next else look,
                "icon": "warn" if is_next else icon,
                "word": gettext("next") if is_next else word,
                "is_next": is_next,
                "url": _find_url(request, step.view, step.args) if may_do else "",
            }
        )
    note = gettext("%(done)d of %(all)d steps done") % {"done": done, "all": len(steps)}
    return {"steps": steps, "steps_note": note}


def _describe_day(request: Any, overview: Overview) -> dict[str, Any]:
    for trouble in overview.troubles:
        url = _find_url(request, trouble.view, trouble.args)
        trouble.url = f"{url}?{trouble.query}" if url and trouble.query else url
    found: dict[str, Any] = {
        "troubles": overview.troubles,
        "since_word": gettext("since"),
        "no_trouble": gettext("Nothing needs a person"),
    }
    month = overview.month
    if month is None or overview.today is None:
        return found
    words = {
        "currency": month.currency,
        "paid": money.with_code(month.paid, month.currency),
        "count": f"{month.paid_count:,}",
        "refunded": money.with_code(month.refunded, month.currency),
    }
    note = gettext(
        "30 days: %(paid)s paid in %(count)s payments, %(refunded)s refunded. Currencies are never added up."
    )
    paid_cards, cards = make_cards(overview.today, month.currency)
    return {
        **found,
        "paid_cards": paid_cards,
        "cards": cards,
        "charts": draw_charts(month),
        "month_note": note % words,
        "wallets_title": gettext("By wallet, 30 days, %(currency)s") % words,
        "stores_title": gettext("By store, 30 days, %(currency)s") % words,
    }
