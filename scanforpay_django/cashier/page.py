"""A pay page: the context of its template, the data of its script, and its headers."""

import base64
import secrets
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from io import BytesIO
from typing import Any

import segno
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from scanforpay_django import clock, money
from scanforpay_django.cashier.headers import secure
from scanforpay_django.cashier.language import get_language
from scanforpay_django.cashier.user_agent import classify
from scanforpay_django.cashier.visit import Visit, scan_url, shown_state
from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.models import Order, Store
from scanforpay_django.models.branding import COLOR, ink_on
from scanforpay_django.operations.error_text import either
from scanforpay_django.wallets.base import Wallet
from scanforpay_django.wallets.registry import serving
from scanforpay_django.wire import ANY_WALLET


@lru_cache(maxsize=256)
def qr_data_uri(text: str) -> str:
    """A PNG as a data: address. 3.4 ms, so that a page that is opened again finds it drawn."""
    image = BytesIO()
    segno.make(text, error="m").save(image, kind="png", scale=8, border=4)
    return "data:image/png;base64," + base64.b64encode(image.getvalue()).decode("ascii")


@lru_cache(maxsize=512)
def _inked(color: str) -> dict[str, str]:
    """A store's colour and the ink on it; nothing where a row holds something else: it goes into a style."""
    return {"shop_color": color, "shop_ink": ink_on(color)} if COLOR.fullmatch(color) else {}


def store_context(store: Store, language: str) -> dict[str, Any]:
    """What the head of a page shows of the shop."""
    logo = reverse("scanforpay:logo", args=[store.logo_id]) if store.logo_id else ""
    return {"store_name": store.display_name(language), "logo_url": logo, **_inked(store.color)}


def amount_context(order: Order, language: str) -> dict[str, Any]:
    """The amount in one piece and in three: the currency is written smaller."""
    before, digits, after = money.parts(order.amount, order.currency, language)
    amount = f"{before}{digits}{after}"
    return {
        "order": order,
        "amount": amount,
        "amount_parts": (before, digits, after),
        "amount_length": len(amount),
        **store_context(order.store, language),
    }


def _labels(visit: Visit) -> dict[str, Any]:
    order = visit.order
    found = _shown_wallets(visit)
    one = found[0] if len(found) == 1 else None
    return {
        "wallet": order.wallet,
        "wallet_label": either(wallet.label for wallet in found) or _anything(order),
        "app_label": either(wallet.app_label for wallet in found) or _anything(order),
        "button_color": one.button_color if one else "",
        "button_ink": one.button_ink if one else "",
        "other_wallets_url": visit.url("pay") if one and _is_chosen(visit, one) else "",
    }


def _shown_wallets(visit: Visit) -> Sequence[type[Wallet]]:
    """The order's wallet, or those that it may be paid with where the page is open."""
    if not visit.takes_any_wallet:
        return serving(visit.order.wallet)[:1]
    try:
        return [option.configured.backend for option in visit.options]
    except (ScanForPayError, ImproperlyConfigured):
        return ()


def _is_chosen(visit: Visit, wallet: type[Wallet]) -> bool:
    """Whether the customer has chosen it, and not the app that the page is open in."""
    is_own_app = visit.channel.app in wallet.apps
    asked_for = visit.request.GET.get("wallet")
    return visit.takes_any_wallet and not is_own_app and asked_for == wallet.wire_name()


def _anything(order: Order) -> str:
    return gettext("mobile payments") if order.wallet == ANY_WALLET else order.wallet


def _data(visit: Visit, state: str, may_return: bool, extra: Mapping[str, Any]) -> dict[str, Any]:
    """What the page's script reads. No signed envelope, no returnUrl of the shop."""
    leaves = visit.is_payers_own and visit.order.return_url
    left = (visit.order.expires_at - clock.now()).total_seconds()
    return {
        "state": state,
        "secondsLeft": max(0, int(left)) if state == Order.State.PENDING else 0,
        "statusUrl": visit.url("status"),
        "returnUrl": visit.url("return") if leaves else None,
        "leaveUrl": visit.url("leave") if leaves else None,
        "next": visit.url("return") if state == Order.State.PAID and may_return else None,
        **extra,
    }


def page_context(visit: Visit, data: Mapping[str, Any]) -> dict[str, Any]:
    """What templates know. docs/pages.md describes it for those who override them."""
    order, state, may_return = visit.order, shown_state(visit.order), visit.may_return()
    return {
        **amount_context(order, visit.language),
        **_labels(visit),
        "channel": visit.channel.name,
        "on_a_phone": visit.is_on_a_phone,
        "language": visit.language,
        "state": state,
        "scan_url": scan_url(order),
        "may_return": may_return,
        "leave_url": visit.url("leave") if visit.is_payers_own and order.return_url else "",
        "return_path": visit.url("return"),
        "page_url": visit.url("pay"),
        "go_url": visit.url("go"),
        "data": _data(visit, state, may_return, data),
    }


def _form_action(visit: Visit, targets: Iterable[str]) -> str:
    """Chromium applies form-action to redirects after the form too: leaving may end at a shop by GET."""
    found = ["'self'", *sorted(targets)]
    url = visit.order.return_url
    if url and visit.order.store.return_method == Store.ReturnMethod.GET:
        found += ["https:", "http:"] if url.lower().startswith("http:") else ["https:"]
    return " ".join(found)


def render_page(
    visit: Visit,
    template: str,
    *,
    status: int = 200,
    data: Mapping[str, Any] | None = None,
    form_targets: Iterable[str] = (),
    **extra: Any,
) -> HttpResponse:
    """A page of an order in the customer's language. ``form_targets``: origins its forms may end at."""
    nonce = secrets.token_urlsafe(16)
    with translation.override(visit.language):
        context = {**page_context(visit, data or {}), "nonce": nonce, **extra}
        html = render_to_string(f"scanforpay/{template}.html", context, request=visit.request)
    response = HttpResponse(html, status=status)
    response["Content-Language"] = visit.language
    return secure(response, nonce=nonce, form_action=_form_action(visit, form_targets))


def render_unknown(request: HttpRequest) -> HttpResponse:
    """The calm page for an address that belongs to no order."""
    nonce = secrets.token_urlsafe(16)
    language = get_language(request, "zh-hans")
    channel = classify(request.headers.get("User-Agent", ""))
    context = {"nonce": nonce, "language": language, "channel": channel.name, "state": "unknown"}
    with translation.override(language):
        html = render_to_string("scanforpay/unknown.html", context, request=request)
    response = HttpResponse(html, status=404)
    response["Content-Language"] = language
    return secure(response, nonce=nonce)
