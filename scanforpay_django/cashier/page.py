"""A pay page: what it knows, and the headers it goes out with."""

import base64
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import segno
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from scanforpay_django import money
from scanforpay_django.cashier.browser import browser_of, new_browser, stays_here
from scanforpay_django.cashier.language import language_of
from scanforpay_django.cashier.user_agent import classify
from scanforpay_django.conf import conf
from scanforpay_django.models import Order, Store
from scanforpay_django.wallets import serving
from scanforpay_django.wallets.base import Channel

RETURNABLE = (Order.State.PAID, Order.State.CLOSED, Order.State.EXPIRED)


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request for a page of one order."""

    request: HttpRequest
    order: Order
    # the token in the address: the payUrl's, or the QR code's
    token: str
    # this browser's name; new when it was not here before
    browser: str
    # whether the cookie came with the request
    is_known: bool
    # whether this request opens the page and so is given the cookie
    opens: bool
    channel: Channel
    language: str

    @property
    def is_payers_own(self) -> bool:
        """Whether the payUrl itself is open: only there is a way back to the shop."""
        return self.token == self.order.token

    def url(self, name: str) -> str:
        """The path of one of this page's views."""
        return reverse(f"scanforpay:{name}", args=[self.token])

    def may_return(self) -> bool:
        """Whether this browser may still be sent to the shop: it opened the payUrl first, and nobody was sent yet."""
        order = self.order
        here = (self.is_known or self.opens) and order.return_browser in ("", self.browser)
        return bool(self.is_payers_own and here and order.return_url and order.returned_at is None)

    def shows_code_first(self) -> bool:
        """Whether the QR code comes before everything: a till's tablet must not start paying by itself."""
        is_till = self.order.entry == Order.Entry.QRCODE and self.is_payers_own
        return is_till and not stays_here(self.request, self.token)

    def bind(self) -> None:
        """The first browser that shows life on the payUrl's page is the customer's: another one that is handed the
        link is never sent to the shop. A link's preview opens the page and does nothing more, so it binds nothing.
        """
        if not self.order.return_browser and self.is_payers_own and self.is_known:
            first = Order.objects.filter(pk=self.order.pk, return_browser="")
            if first.update(return_browser=self.browser):
                self.order.return_browser = self.browser
            else:
                self.order.refresh_from_db(fields=["return_browser"])


def visit_of(request: HttpRequest, order: Order, token: str, *, opens: bool = False) -> Visit:
    """What a request says of its visitor."""
    known = browser_of(request, token)
    return Visit(
        request=request,
        order=order,
        token=token,
        browser=known or new_browser(),
        is_known=known is not None,
        opens=opens,
        channel=classify(request.headers.get("User-Agent", "")),
        language=language_of(request, order.store.language),
    )


def shown_state(order: Order) -> str:
    """The state a page shows: an order whose time is up is not offered any more."""
    return "expired" if order.state == Order.State.PENDING and order.is_past_expiry() else order.state


def scan_url(order: Order) -> str:
    """The QR code's address: it pays and shows the result, and never leads to the shop."""
    return conf.base_url + reverse("scanforpay:pay", args=[order.scan_token])


def qr_data_uri(text: str) -> str:
    """A PNG as a data: address. 3.4 ms."""
    image = BytesIO()
    segno.make(text, error="m").save(image, kind="png", scale=8, border=4)
    return "data:image/png;base64," + base64.b64encode(image.getvalue()).decode("ascii")


def _data(visit: Visit, extra: Mapping[str, Any]) -> dict[str, Any]:
    """What the page's script reads. No signed envelope, no returnUrl of the shop."""
    leaves = visit.is_payers_own and visit.order.return_url
    return {
        "state": shown_state(visit.order),
        "statusUrl": visit.url("status"),
        "returnUrl": visit.url("return") if leaves else None,
        "leaveUrl": visit.url("leave") if leaves else None,
        "next": visit.url("return") if shown_state(visit.order) == "paid" and visit.may_return() else None,
        **extra,
    }


def context_of(visit: Visit, data: Mapping[str, Any]) -> dict[str, Any]:
    """What templates know. Documented for those who override them."""
    order = visit.order
    wallet = next(iter(serving(order.wallet)), None)
    amount = money.display(order.amount, order.currency)
    return {
        "order": order,
        "store_name": order.store.display_name(visit.language),
        "amount": amount,
        "wallet": order.wallet,
        "wallet_label": wallet.label if wallet else order.wallet,
        "app_label": wallet.app_label if wallet else order.wallet,
        "channel": visit.channel.value,
        "language": visit.language,
        "state": shown_state(order),
        "scan_url": scan_url(order),
        "may_return": visit.may_return(),
        "leave_url": visit.url("leave") if visit.is_payers_own and order.return_url else "",
        "return_path": visit.url("return"),
        "page_url": visit.url("pay"),
        "go_url": visit.url("go"),
        "data": _data(visit, data),
    }


def _form_action(visit: Visit, targets: Iterable[str]) -> str:
    """Chromium applies form-action to redirects after the form too: leaving may end at a shop by GET."""
    found = ["'self'", *sorted(targets)]
    url = visit.order.return_url
    if url and visit.order.store.return_method == Store.ReturnMethod.GET:
        found += ["https:", "http:"] if url.startswith("http:") else ["https:"]
    return " ".join(found)


def secure(response: HttpResponse, *, nonce: str, form_action: str = "'self'") -> HttpResponse:
    """The headers every page goes out with."""
    response["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self' data:; "
        f"connect-src 'self'; form-action {form_action}; base-uri 'none'; frame-ancestors 'none'"
    )
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "strict-origin"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "DENY"
    response["Vary"] = "User-Agent, Accept-Language, Cookie"
    return response


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
        context = {**context_of(visit, data or {}), "nonce": nonce, **extra}
        html = render_to_string(f"scanforpay/{template}.html", context, request=visit.request)
    response = HttpResponse(html, status=status)
    response["Content-Language"] = visit.language
    return secure(response, nonce=nonce, form_action=_form_action(visit, form_targets))


def render_unknown(request: HttpRequest) -> HttpResponse:
    """The calm page for an address that belongs to no order."""
    nonce = secrets.token_urlsafe(16)
    language = language_of(request, "zh-hans")
    channel = classify(request.headers.get("User-Agent", ""))
    context = {"nonce": nonce, "language": language, "channel": channel.value, "state": "unknown"}
    with translation.override(language):
        html = render_to_string("scanforpay/unknown.html", context, request=request)
    return secure(HttpResponse(html, status=404), nonce=nonce)
