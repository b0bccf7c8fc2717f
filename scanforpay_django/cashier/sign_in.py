"""Who pays: the customer's silent sign-in at the platform, bound to one browser and one order."""

import logging
from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from scanforpay_django import clock
from scanforpay_django.cashier.browser import get_browser
from scanforpay_django.cashier.page import render_page, render_unknown
from scanforpay_django.cashier.visit import Visit, make_visit
from scanforpay_django.client_address import counted_address
from scanforpay_django.conf import conf
from scanforpay_django.exceptions import ScanForPayError, SignInExpired, TooManyCalls
from scanforpay_django.flows.configured_wallet import ConfiguredWallet, configure
from scanforpay_django.models import OAuthState, Order, WalletAccount
from scanforpay_django.models.database import non_atomic_requests
from scanforpay_django.models.payment import STATE_KEY
from scanforpay_django.operations.call_counter import count_call
from scanforpay_django.wallets.base import Payer
from scanforpay_django.wallets.registry import find_wallet_class

logger = logging.getLogger(__name__)

SIGN_IN_LIFETIME = timedelta(minutes=10)
# A code that was used is requested anew, but not for ever.
MAX_SIGN_INS = 3
# A browser that takes no cookie is a new one every time: those are counted by where they come from. Counted by order,
# strangers who have the code would lock the customer out of its page.
MAX_SIGN_INS_PER_ADDRESS = 10
SIGN_INS_WINDOW = timedelta(minutes=2)


def get_payer(visit: Visit, account: WalletAccount) -> Payer | None:
    """The payer this browser signed in as, for this order and the account that collects now."""
    if not visit.is_known:
        return None
    mine = OAuthState.objects.filter(order=visit.order, browser=visit.browser, account=account)
    found = mine.exclude(payer_id="").order_by("-pk").values_list("payer_id", "payer_kind").first()
    return Payer(id=found[0], kind=found[1]) if found else None


def sign_in(visit: Visit, configured: ConfiguredWallet) -> HttpResponse:
    """Off to the platform, which sends the browser back with a code."""
    since = clock.now() - SIGN_INS_WINDOW
    unanswered = OAuthState.objects.filter(order=visit.order, payer_id="", created_at__gt=since)
    if unanswered.filter(browser=visit.browser).count() >= MAX_SIGN_INS or _comes_too_often(visit):
        return render_page(visit, "problem", problem="sign_in")
    wallet = configured.wallet
    state = OAuthState.objects.create(
        order=visit.order, account=configured.account, token=visit.token, browser=visit.browser
    )
    redirect_uri = conf.base_url + reverse("scanforpay:oauth", args=[wallet.slug])
    response = HttpResponseRedirect(wallet.authorize_url(redirect_uri, state.key))
    response["Cache-Control"] = "private, no-store"
    return response


def _comes_too_often(visit: Visit) -> bool:
    if visit.is_known:
        return False
    try:
        address = counted_address(visit.request)
        count_call(f"sign-in {visit.order.pk} {address}", MAX_SIGN_INS_PER_ADDRESS)
    except TooManyCalls:
        return True
    return False


@non_atomic_requests
def oauth_return(request: HttpRequest, slug: str) -> HttpResponse:
    """The platform sent the browser back. Whatever happens, it ends on the clean page address."""
    key = request.GET.get("state", "")
    found = OAuthState.objects.select_related("order__store", "account")
    state = found.filter(key=key).first() if STATE_KEY.fullmatch(key) else None
    # Each platform sends browsers back to an address of its own: a code of another one is not this sign-in's.
    backend = find_wallet_class(state.account.wallet) if state else None
    if state is None or backend is None or backend.slug != slug:
        return render_unknown(request)
    visit = make_visit(request, state.order, state.token)
    if get_browser(request, state.token) != state.browser:
        return render_page(visit, "problem", problem="cookies")
    visit.bind()
    if not _use_up(state):
        return _to_page(state.token)
    try:
        payer = configure(state.account).wallet.payer_from_callback(request.GET.dict())
    except SignInExpired as error:
        logger.info("sign-in for order %s starts anew: %s", state.order_id, error)
        return _to_page(state.token)
    except (ScanForPayError, ImproperlyConfigured) as error:
        logger.warning("sign-in for order %s failed: %s", state.order_id, error)
        return render_page(visit, "problem", problem="platform", status=503)
    OAuthState.objects.filter(pk=state.pk).update(payer_id=payer.id, payer_kind=payer.kind)
    return _to_page(state.token)


def _use_up(state: OAuthState) -> bool:
    """Single use, and not for long."""
    fresh = OAuthState.objects.filter(
        pk=state.pk, used_at__isnull=True, created_at__gt=clock.now() - SIGN_IN_LIFETIME
    ).filter(order__state=Order.State.PENDING)
    return bool(fresh.update(used_at=clock.now()))


def _to_page(token: str) -> HttpResponse:
    response = HttpResponseRedirect(reverse("scanforpay:pay", args=[token]))
    response["Cache-Control"] = "private, no-store"
    return response
