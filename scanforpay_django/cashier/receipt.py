"""The page that a platform frames in place of ours after a payment; the wallet checks whose it is."""

import logging
import re
import secrets

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_GET

from scanforpay_django.cashier.headers import secure
from scanforpay_django.cashier.language import get_language
from scanforpay_django.cashier.page import amount_context
from scanforpay_django.cashier.user_agent import classify
from scanforpay_django.cashier.visit import shown_state
from scanforpay_django.conf import conf
from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.flows.query_platform import query_payment_throttled
from scanforpay_django.models import Payment
from scanforpay_django.models.database import non_atomic_requests
from scanforpay_django.operations.set_up.registration import receipt_link
from scanforpay_django.wallets.receipt import Receipt, ReceiptRequest
from scanforpay_django.wallets.registry import receipts

logger = logging.getLogger(__name__)

# The page reloads until the payment is confirmed.
MAX_LOOKS = 9


@require_GET
@non_atomic_requests
def receipt(request: HttpRequest) -> HttpResponse:
    """GET jspay/receipt. Without the platform's own check code the page shows nothing of the order."""
    params = request.GET.dict()
    for kind in receipts():
        asked = kind.read(params)
        payment = _find_payment(kind, asked) if asked else None
        if asked and payment:
            return _show(request, kind, asked, payment)
    return _render(request, next(iter(receipts()), None), None, is_verified=False)


def _find_payment(kind: Receipt, asked: ReceiptRequest) -> Payment | None:
    found = Payment.objects.filter(out_trade_no=asked.out_trade_no).select_related("order__store", "account")
    payment = found.first()
    return payment if payment and kind.is_for(asked, payment.account.config) else None


def _show(request: HttpRequest, kind: Receipt, asked: ReceiptRequest, payment: Payment) -> HttpResponse:
    look = _look_number(request)
    if look and payment.is_unfinished():
        _query(payment)
    is_verified = kind.is_verified(asked, receipt_link(), payment.trade_no)
    if payment.trade_no and not is_verified:
        logger.warning("receipt of payment %s: the check code is not the platform's", payment.out_trade_no)
    return _render(request, kind, payment, is_verified=is_verified, look=look)


def _look_number(request: HttpRequest) -> int:
    text = request.GET.get("look", "0")
    return min(int(text), MAX_LOOKS) if re.fullmatch(r"[0-9]{1,2}", text) else 0


def _query(payment: Payment) -> None:
    """Not at the first look: that answer has to be there within the seconds that the platform waits."""
    try:
        query_payment_throttled(payment)
    except ScanForPayError as error:
        logger.info("payment %s could not be queried: %s", payment.out_trade_no, error)
    payment.refresh_from_db(fields=["state", "trade_no"])
    payment.order.refresh_from_db(fields=["state"])


def _render(
    request: HttpRequest, kind: Receipt | None, payment: Payment | None, *, is_verified: bool, look: int = 0
) -> HttpResponse:
    nonce = secrets.token_urlsafe(16)
    frame_origin = kind.frame_origin if kind else ""
    language = get_language(request, payment.order.store.language if payment else "zh-hans")
    state = shown_state(payment.order) if payment else "unknown"
    waits = payment is not None and state == "pending" and look < MAX_LOOKS
    back = conf.base_url + reverse("scanforpay:back", args=[payment.out_trade_no]) if payment else ""
    data = {
        "frameOrigin": frame_origin,
        "known": payment is not None,
        "back": back,
        "look": look + 1 if waits else 0,
    }
    context = {
        "nonce": nonce,
        "language": language,
        "channel": classify(request.headers.get("User-Agent", "")).name,
        "state": state,
        "receipt": data,
        "receipt_script": kind.script if kind else "",
        "back_url": back,
    }
    if payment and is_verified:
        context |= amount_context(payment.order, language)
    with translation.override(language):
        html = render_to_string("scanforpay/receipt.html", context, request=request)
    response = HttpResponse(html, status=200 if payment else 404)
    response["Content-Language"] = language
    return secure(response, nonce=nonce, framed_by=frame_origin)
