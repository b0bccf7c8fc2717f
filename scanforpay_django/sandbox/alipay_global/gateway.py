"""gateway.do: create_forex_trade and its wap form are pages, notify_verify answers a word, the others are calls."""

import functools
from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_http_methods

from scanforpay_django.sandbox import misbehave, trades
from scanforpay_django.sandbox.gate import door
from scanforpay_django.sandbox.models import Merchant, Trade

from . import cashier, envelope, notify_verify, trading
from .envelope import ApiError

Service = Callable[[Mapping[str, str], Merchant], Mapping[str, str] | None]
# service: operation, as faults call it, and who answers
SERVICES: dict[str, tuple[str, Service]] = {
    "single_trade_query": ("query", trading.single_trade_query),
    "forex_refund": ("refund", trading.forex_refund),
    "alipay.acquire.refund.query": ("refund_query", trading.refund_query),
}


@require_http_methods(["GET", "POST"])
@door
def gateway(request: HttpRequest) -> HttpResponseBase:
    """GET or POST gateway.do?service=."""
    try:
        params = envelope.parameters(request)
        if params.get("service") in cashier.SERVICES:
            return cashier.page(request, params)
        if params.get("service") == "notify_verify":
            return notify_verify.verify(params)
        if params.get("service") not in SERVICES:
            raise ApiError("ILLEGAL_SERVICE")
        merchant = envelope.find_partner(params)
    except ApiError as fault:
        return envelope.refused(fault)
    operation, service = SERVICES[params["service"]]
    about = functools.partial(_about, params, merchant)
    call = misbehave.Call(request=request, operation=operation, merchant=merchant, about=about)
    return misbehave.answer(call, functools.partial(_act, service, params, merchant), envelope.WORDS)


def _act(service: Service, params: Mapping[str, str], merchant: Merchant) -> HttpResponse:
    try:
        name = "alipay" if params["service"].startswith("alipay.") else "trade"
        return envelope.answer(params, service(params, merchant), name=name)
    except ApiError as fault:
        return envelope.refused(fault)


def _about(params: Mapping[str, str], merchant: Merchant) -> tuple[Trade | None, str]:
    number = params.get("out_trade_no", "")
    return trades.merchant_trades(merchant).filter(out_trade_no=number).first(), ""
