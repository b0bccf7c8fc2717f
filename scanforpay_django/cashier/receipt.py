"""The page that WeChat frames after a payment through a service provider (the Gold Plan's merchant receipt).

WeChat closes our own page then. It opens the address that is registered with the provider and adds sub_mch_id,
out_trade_no and check_code; the page has three seconds to say that it is ready. Source: "Gold Plan product
description v2" (wx.gtimg.com/pay/download/goldplan).
"""

import hashlib
import hmac
import logging
import re
import secrets

from django.db import transaction
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
from scanforpay_django.operations.registration import receipt_link

logger = logging.getLogger(__name__)

#: who frames the page, and whom it talks to
WECHAT = "https://payapp.weixin.qq.com"
NUMBER = re.compile(r"[A-Za-z0-9]{1,32}")
# The page looks again by itself until the platform's word is here.
MAX_LOOKS = 9


def check_code(link: str, sub_mchid: str, out_trade_no: str, transaction_id: str) -> str:
    """What WeChat adds to ``link`` to show that the numbers are its own: MD5, with a number that is not shown."""
    text = f"{link}?sub_mch_id={sub_mchid}&out_trade_no={out_trade_no}&transaction_id={transaction_id}"
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 (WeChat's choice)


@require_GET
@transaction.non_atomic_requests
def receipt(request: HttpRequest) -> HttpResponse:
    """GET jspay/receipt. What WeChat's check code does not prove is shown without a word of the order."""
    number = request.GET.get("out_trade_no", "")
    found = (
        Payment.objects.filter(out_trade_no=number) if NUMBER.fullmatch(number) else Payment.objects.none()
    )
    payment = found.select_related("order__store", "account").first()
    if payment is None or payment.account.config.get("sub_mchid") != request.GET.get("sub_mch_id"):
        return _render(request, None, is_verified=False)
    look = _look(request)
    if look and payment.state in Payment.UNFINISHED:
        _ask(payment)
    return _render(
        request, payment, is_verified=_is_proven(payment, request.GET.get("check_code", "")), look=look
    )


def _look(request: HttpRequest) -> int:
    text = request.GET.get("look", "0")
    return min(int(text), MAX_LOOKS) if re.fullmatch(r"[0-9]{1,2}", text) else 0


def _ask(payment: Payment) -> None:
    """Not at the first look: that answer has to be there within three seconds."""
    try:
        query_payment_throttled(payment)
    except ScanForPayError as error:
        logger.info("payment %s could not be asked about: %s", payment.out_trade_no, error)
    payment.refresh_from_db(fields=["state", "trade_no"])
    payment.order.refresh_from_db(fields=["state"])


def _is_proven(payment: Payment, given: str) -> bool:
    if not payment.trade_no:
        return False
    sub_mchid = str(payment.account.config.get("sub_mchid"))
    wanted = check_code(receipt_link(), sub_mchid, payment.out_trade_no, payment.trade_no)
    is_verified = hmac.compare_digest(wanted.encode(), given.lower().encode())
    if not is_verified:
        logger.warning("receipt of payment %s: the check code is not WeChat's", payment.out_trade_no)
    return is_verified


def _render(
    request: HttpRequest, payment: Payment | None, *, is_verified: bool, look: int = 0
) -> HttpResponse:
    nonce = secrets.token_urlsafe(16)
    agent = request.headers.get("User-Agent", "")
    language = get_language(request, payment.order.store.language if payment else "zh-hans")
    state = shown_state(payment.order) if payment else "unknown"
    waits = payment is not None and state == "pending" and look < MAX_LOOKS
    back = conf.base_url + reverse("scanforpay:back", args=[payment.out_trade_no]) if payment else ""
    told = {"wechat": WECHAT, "known": payment is not None, "back": back, "look": look + 1 if waits else 0}
    context = {
        "nonce": nonce,
        "language": language,
        "channel": classify(agent).value,
        "state": state,
        "told": told,
    }
    if payment and is_verified:
        context |= amount_context(payment.order, language)
    with translation.override(language):
        html = render_to_string("scanforpay/receipt.html", {**context, "back_url": back}, request=request)
    response = HttpResponse(html, status=200 if payment else 404)
    response["Content-Language"] = language
    return secure(response, nonce=nonce, framed_by=WECHAT)
