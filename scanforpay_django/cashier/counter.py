"""GET and POST counter/<token>: what a till's printed code leads to. The customer types the amount and pays it."""

import re
import secrets
import unicodedata
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from scanforpay_django import money
from scanforpay_django.cashier.headers import secure
from scanforpay_django.cashier.language import get_language
from scanforpay_django.cashier.page import store_context
from scanforpay_django.cashier.user_agent import classify
from scanforpay_django.conf import conf
from scanforpay_django.exceptions import IdempotencyConflict, RequestRefused
from scanforpay_django.flows.counter_sale import (
    find_code,
    find_waiting_order,
    new_attempt,
    sell_to_customer,
)
from scanforpay_django.models import CounterCode, Order
from scanforpay_django.models.database import non_atomic_requests
from scanforpay_django.operations.error_text import describe_error
from scanforpay_django.page_address import page_address

_ATTEMPT = re.compile(r"[A-Za-z0-9_-]{22}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
MAX_TYPED = 40


@non_atomic_requests
# What the form does anybody may do who has scanned the code: there is nothing to forge.
@csrf_exempt
# No HEAD, as for pay pages.
@require_http_methods(["GET", "POST"])
def counter_page(request: HttpRequest, token: str) -> HttpResponse:
    """The keypad; the till's own order where one waits; after POST the pay page of the amount that was typed."""
    code = find_code(token) if _TOKEN.fullmatch(token) else None
    if code is None:
        return _render(request, "counter_unknown", status=404)
    waiting = find_waiting_order(code)
    if waiting is not None:
        return _see_other(waiting)
    if request.method == "GET":
        return _render_keypad(request, code)
    typed = request.POST.get("amount", "")[:MAX_TYPED]
    try:
        amount = _read_amount(typed, code.paid_in)
    except ValueError:
        return _render_keypad(request, code, typed=typed, is_unreadable=True)
    try:
        return _see_other(_sell(code, amount, request.POST.get("attempt", "")))
    except RequestRefused as error:
        return _render_keypad(request, code, typed=typed, refusal=error)


def _sell(code: CounterCode, amount: int, attempt: str) -> Order:
    known = attempt if _ATTEMPT.fullmatch(attempt) else new_attempt()
    try:
        return sell_to_customer(code, amount, known)
    except IdempotencyConflict:
        # The customer went back and typed another amount.
        return sell_to_customer(code, amount, new_attempt())


def _read_amount(typed: str, currency: str) -> int:
    """Minor units of what was typed. Raises ValueError for what is no amount above 0."""
    # Digits of a Chinese or Japanese keyboard may be wide ones.
    text = unicodedata.normalize("NFKC", typed).strip().replace(",", "").removesuffix(".")
    amount = money.to_minor(f"0{text}" if text.startswith(".") else text, currency)
    if amount <= 0:
        raise ValueError("nothing to pay")
    return amount


def _see_other(order: Order) -> HttpResponse:
    answer = HttpResponseRedirect(page_address(order.token), status=303)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _render_keypad(
    request: HttpRequest,
    code: CounterCode,
    *,
    typed: str = "",
    is_unreadable: bool = False,
    refusal: RequestRefused | None = None,
) -> HttpResponse:
    language = get_language(request, code.store.language)
    with translation.override(language):
        before, example, after = money.parts(2100 if code.paid_in != "JPY" else 210, code.paid_in, language)
        error = (
            gettext("Enter an amount like %(example)s.") % {"example": example}
            if is_unreadable
            else describe_error(refusal)
            if refusal
            else ""
        )
    return _render(
        request,
        "counter",
        status=400 if error else 200,
        language=language,
        **store_context(code.store, language),
        code=code,
        before=before,
        after=after,
        typed=typed,
        error=error,
        attempt=new_attempt(),
        places=money.exponent(code.paid_in),
    )


def _render(
    request: HttpRequest, template: str, *, status: int, language: str = "", **context: Any
) -> HttpResponse:
    nonce = secrets.token_urlsafe(16)
    shown_in = language or get_language(request, "zh-hans")
    channel = classify(request.headers.get("User-Agent", ""))
    known = {"nonce": nonce, "language": shown_in, "channel": channel.name, "state": "counter", **context}
    with translation.override(shown_in):
        html = render_to_string(f"scanforpay/{template}.html", known, request=request)
    response = HttpResponse(html, status=status)
    response["Content-Language"] = shown_in
    # Chromium applies form-action to redirects after the form: the pay page may go on to a platform's sign-in.
    schemes = "https:" if conf.base_url.startswith("https:") else "https: http:"
    return secure(response, nonce=nonce, form_action=f"'self' {schemes}")
