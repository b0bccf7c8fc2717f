"""Which page a pending order gets: its wallet's routes, the channel it is open in, what the account was granted."""

import logging
from urllib.parse import urlencode, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse, HttpResponseRedirect

from scanforpay_django import clock
from scanforpay_django.cashier.fallback_hints import FallbackHint, get_fallback_hint
from scanforpay_django.cashier.page import qr_data_uri, render_page
from scanforpay_django.cashier.sign_in import get_payer, sign_in
from scanforpay_django.cashier.visit import Visit, scan_url, shown_state
from scanforpay_django.client_address import client_address
from scanforpay_django.exceptions import (
    AccountMissing,
    InvalidOrderState,
    OrderClosed,
    PlatformError,
    ScanForPayError,
)
from scanforpay_django.flows.configured_wallet import ConfiguredWallet
from scanforpay_django.flows.start_payment import Attempt, start_payment
from scanforpay_django.models import Order
from scanforpay_django.wallets.base import (
    COPY_LINK,
    OWN_QR,
    WRONG_APP,
    Kind,
    PayAction,
    Payer,
    Product,
)
from scanforpay_django.wallets.registry import platform_hosts

logger = logging.getLogger(__name__)

#: the pages for what a route names beside products
FALLBACK_PAGES = {WRONG_APP: "wrong_app", OWN_QR: "qr", COPY_LINK: "qr"}
# Within its last minute a platform's code is not offered any more, as prepay_is_live() has it.
CODE_MARGIN_SECONDS = 60


def render_pending_page(visit: Visit) -> HttpResponse:
    """The page for a pending order. What goes wrong is said in the customer's words."""
    try:
        options = visit.options
        pages = {FALLBACK_PAGES.get(option.way) for option in options}
        page = pages.pop()
        if page is not None and not pages:
            hint = get_fallback_hint(visit, options)
            qr = qr_data_uri(scan_url(visit.order))
            return render_page(visit, page, qr=qr, hint=hint.value)
        if len(options) > 1:
            return _show_choice(visit)
        product = options[0].configured.get_product(options[0].way)
        if product is None:
            raise AccountMissing(wallet=visit.order.wallet)
        return _show_product(visit, options[0].configured, product)
    except ScanForPayError as error:
        return error_page(visit, error)
    except ImproperlyConfigured as error:
        return error_page(visit, PlatformError(str(error)))


def render_code_first(visit: Visit) -> HttpResponse:
    """offline/qrcode: the code, and on a phone a button for paying on it."""
    here = f"{visit.url('pay')}?here=1" if visit.is_on_a_phone else ""
    code = qr_data_uri(scan_url(visit.order))
    return render_page(visit, "qr", qr=code, here_url=here, hint=FallbackHint.SCAN.value)


def go(visit: Visit) -> HttpResponse:
    """After the tap: make the payment and send the browser to the platform."""
    try:
        option, *others = visit.options
        product = option.configured.get_product(option.way)
        if others or product is None or product.kind is not Kind.REDIRECT:
            return HttpResponseRedirect(visit.url("pay"))
        action = start_payment(visit.order, _make_attempt(visit, option.configured, product, None))
    except (ScanForPayError, ImproperlyConfigured) as error:
        return error_page(visit, error if isinstance(error, ScanForPayError) else PlatformError(str(error)))
    response = HttpResponse(status=303)
    response["Location"] = action.params["url"]
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "strict-origin"
    return response


def _show_choice(visit: Visit) -> HttpResponse:
    """A button for each wallet. What leads to a platform's page begins with the tap: only then is it known which."""
    choices = []
    targets = {"https:"}
    for option in visit.options:
        backend = option.configured.backend
        product = option.configured.get_product(option.way)
        goes_on = product is not None and product.kind is Kind.REDIRECT
        if goes_on:
            targets |= _form_targets(option.configured)
        page = "" if goes_on else f"{visit.url('pay')}?{urlencode({'wallet': option.name})}"
        choices.append(
            {
                "wallet": option.name,
                "label": backend.label,
                "color": backend.button_color,
                "ink": backend.button_ink,
                "page": page,
            }
        )
    data = {"kind": "redirect", "params": {"action": visit.url("go")}}
    return render_page(visit, "choose", form_targets=targets, data=data, choices=choices)


def _form_targets(configured: ConfiguredWallet) -> set[str]:
    """The platform sends the browser on to other hosts of its own, and form-action holds for these too."""
    hosts = platform_hosts(configured.backend, configured.account.environment)
    return {"https:", *(_url_origin(url) for url in hosts.values())}


def _show_product(visit: Visit, configured: ConfiguredWallet, product: Product) -> HttpResponse:
    if product.kind is Kind.REDIRECT and product.opens_on_tap:
        tap = {"kind": "redirect", "params": {"action": visit.url("go")}}
        return render_page(visit, "tap", form_targets=_form_targets(configured), data=tap)
    payer = None
    if product.needs_payer:
        payer = get_payer(visit, configured.account)
        if payer is None:
            return sign_in(visit, configured)
    action = start_payment(visit.order, _make_attempt(visit, configured, product, payer))
    return _show_action(visit, configured, action)


def _show_action(visit: Visit, configured: ConfiguredWallet, action: PayAction) -> HttpResponse:
    if action.kind == "redirect":
        data = {"kind": action.kind, "params": dict(action.params)}
        return render_page(visit, "tap", tap_url=action.params["url"], data=data)
    if action.kind == "code":
        return _show_platform_code(visit, action.params["url"])
    script = configured.backend.bridge_script
    data = {"kind": action.kind, "params": dict(action.params)}
    return render_page(visit, "bridge", bridge_script=script, data=data)


def _show_platform_code(visit: Visit, url: str) -> HttpResponse:
    """The platform's own code, which wears out before the order does: then a new one is offered."""
    worn_out = visit.order.payments.order_by("-pk").values_list("prepay_expires_at", flat=True).first()
    left = int((worn_out - clock.now()).total_seconds()) - CODE_MARGIN_SECONDS if worn_out else None
    hint = FallbackHint.SCREEN if visit.is_on_a_phone else FallbackHint.SCAN
    data = {"codeSecondsLeft": left} if left is not None else {}
    return render_page(visit, "qr", qr=qr_data_uri(url), is_platform_code=True, hint=hint.value, data=data)


def _make_attempt(
    visit: Visit, configured: ConfiguredWallet, product: Product, payer: Payer | None
) -> Attempt:
    return Attempt(
        configured=configured,
        product=product.name,
        payer=payer,
        # Bound to the address only where the platform compares it: on the move a phone changes it.
        client_ip=client_address(visit.request) if product.needs_client_address else "",
        leaves=product.kind is Kind.REDIRECT,
    )


def _url_origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def error_page(visit: Visit, error: ScanForPayError) -> HttpResponse:
    """The page that says what is the matter and what to do; first a look whether the order has moved on."""
    visit.order.refresh_from_db(fields=["state", "paid_at", "returned_at"])
    if shown_state(visit.order) != Order.State.PENDING:
        return render_page(visit, "result")
    if isinstance(error, AccountMissing):
        return render_page(visit, "problem", problem="no_account")
    if isinstance(error, OrderClosed):
        return render_page(visit, "problem", problem="too_late")
    if isinstance(error, InvalidOrderState):
        return render_page(visit, "problem", problem="busy")
    level = logging.WARNING if isinstance(error, PlatformError) else logging.ERROR
    logger.log(level, "order %s: no payment could be opened: %s", visit.order.order_no, error)
    return render_page(visit, "problem", problem="platform", status=503)
