"""gateway.do: one address for every method."""

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_http_methods

from scanforpay_django.sandbox import misbehave, trades
from scanforpay_django.sandbox.gate import door
from scanforpay_django.sandbox.models import Merchant, Payer, Trade

from . import bill, envelope, refund, token, trade_list, trading, wap
from .envelope import Asked
from .errors import ApiError, GatewayError

# method: operation, as faults call it, and who answers
METHODS: dict[str, tuple[str, Callable[[Asked], Mapping[str, Any]]]] = {
    "alipay.trade.create": ("create", trading.create),
    "alipay.trade.precreate": ("create", trading.precreate),
    "alipay.trade.pay": ("create", trading.pay),
    "alipay.trade.query": ("query", trading.query),
    "alipay.trade.close": ("close", trading.close),
    "alipay.trade.cancel": ("cancel", trading.cancel),
    "alipay.trade.refund": ("refund", refund.refund),
    "alipay.trade.fastpay.refund.query": ("refund_query", refund.refund_query),
    "alipay.data.dataservice.bill.downloadurl.query": ("bill", bill.download_url),
    "alipay.data.bill.sell.query": ("list", trade_list.list_sales),
    "alipay.system.oauth.token": ("token", token.token),
}


@require_http_methods(["GET", "POST"])
@door
def gateway(request: HttpRequest) -> HttpResponseBase:
    """GET or POST gateway.do: python-alipay-sdk asks everything by GET, and is answered.

    What is wrong before app and method are known is unsigned.
    """
    try:
        params = envelope.parameters(request)
        method = params.get("method", "")
        app = envelope.app_of(params)
        if method == wap.METHOD:
            return wap.page(request, params, app)
        if not method:
            raise GatewayError("40001", "isv.missing-method", "method is missing")
        if method not in METHODS:
            raise GatewayError("40002", "isv.invalid-method", f"there is no method {method}")
    except GatewayError as fault:
        return envelope.unsigned(fault)
    operation, handler = METHODS[method]
    call = misbehave.Call(
        request=request, operation=operation, merchant=app, about=functools.partial(_about, params, app)
    )
    try:
        envelope.verify(params, app)
    except ApiError as fault:
        return envelope.answer(method, fault.payload, app)
    return misbehave.answer(call, functools.partial(_act, handler, request, params, app), envelope.WORDS)


def _act(
    handler: Callable[[Asked], Mapping[str, Any]],
    request: HttpRequest,
    params: Mapping[str, str],
    app: Merchant,
) -> HttpResponse:
    method = params["method"]
    try:
        seller = envelope.find_seller(params, app)
        asked = Asked(request=request, params=params, app=app, seller=seller)
        return envelope.answer(method, handler(asked), app)
    except GatewayError as fault:
        return envelope.unsigned(fault)
    except ApiError as fault:
        return envelope.answer(method, fault.payload, app)


def _about(params: Mapping[str, str], app: Merchant) -> tuple[Trade | None, str]:
    """The trade and the customer a call is about, for faults. Nothing is checked here."""
    try:
        body = json.loads(params.get("biz_content", "{}"))
        named = {name: str(body[name]) for name in ("out_trade_no", "trade_no") if name in body}
        seller = envelope.find_seller(params, app)
        buyer = body.get("buyer_id") or body.get("buyer_open_id") or ""
    except (ValueError, AttributeError, TypeError, ApiError):
        return None, ""
    buyers = Payer.objects.filter(merchant=app)
    payer = (buyers.filter(payer_id=buyer) | buyers.filter(open_id=buyer)).first() if buyer else None
    trade = trades.merchant_trades(seller).filter(**named).first() if named else None
    return trade, payer.phone_user if payer else ""
