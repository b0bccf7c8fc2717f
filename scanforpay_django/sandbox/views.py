"""The sandbox's own pages: its front page, and the way into the phone."""

import re
import secrets
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from scanforpay_django.conf import conf
from scanforpay_django.money import display

from .bill_models import BillEdit, PaidBy
from .faults import FAULTS, OPERATIONS
from .gate import door
from .models import App, Notice, Refund, SandboxFault, Trade
from .phone import APP_COOKIE

SHOWN = 50
UNFINISHED = (Refund.State.PROCESSING, Refund.State.ABNORMAL)


@require_GET
@door
def home(request: HttpRequest) -> HttpResponse:
    """The latest trades and notices, how to pay one, and faults to arm."""
    trades = Trade.objects.select_related("merchant").order_by("-pk")[:SHOWN]
    nonce = secrets.token_urlsafe(16)
    context = {
        "nonce": nonce,
        "trades": [{"row": trade, "amount": display(trade.amount, trade.currency)} for trade in trades],
        "notices": Notice.objects.select_related("trade__merchant").order_by("-pk")[:SHOWN],
        "refunds": Refund.objects.filter(state__in=UNFINISHED)
        .select_related("trade")
        .order_by("-pk")[:SHOWN],
        "armed": SandboxFault.objects.filter(remaining__gt=0)
        .select_related("merchant", "trade")
        .order_by("pk"),
        "faults": [{"name": name, "words": kind.words} for name, kind in FAULTS.items()],
        "operations": OPERATIONS,
        "paid_by": PaidBy.choices,
        "acts": BillEdit.Act.choices,
        "shown": SHOWN,
    }
    response = render(request, "scanforpay_sandbox/home.html", context)
    response["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
@door
def phone(request: HttpRequest) -> HttpResponse:
    """GET phone?app=&url=: open a page of this project in the app's browser.

    The app's cookie is for the path of that page alone, so the desktop's own pages are not affected. Cookies
    belong to a host, so a visitor on another name of this machine is sent to the base URL's first.
    """
    app, url = request.GET.get("app", ""), request.GET.get("url", "")
    if app not in App.values or not _is_ours(url):
        return HttpResponseBadRequest(
            f"app must be one of {', '.join(App.values)}, and url an address of this project."
        )
    base = urlsplit(conf.base_url)
    if request.get_host() != base.netloc and request.GET.get("moved") != "1":
        return HttpResponseRedirect(f"{base.scheme}://{base.netloc}{request.get_full_path()}&moved=1")
    response = HttpResponseRedirect(url)
    response.set_cookie(
        APP_COOKIE, app, max_age=7200, path=urlsplit(url).path, secure=request.is_secure(), samesite="Lax"
    )
    response["Cache-Control"] = "private, no-store"
    return response


def _is_ours(url: str) -> bool:
    """Whether ``url`` lies under the base URL. No ; or , in it: the path goes into a cookie."""
    if not re.fullmatch(r"[A-Za-z0-9._~:/?#@!$&'()*+=%-]+", url):
        return False
    if not url.startswith(f"{conf.base_url}/"):
        return False
    try:
        return urlsplit(url).netloc == urlsplit(conf.base_url).netloc
    except ValueError:
        return False
