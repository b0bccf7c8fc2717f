"""gateway.do: one address for every method."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction as database
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from scanforpay_django.money import to_minor
from scanforpay_django.sandbox import oauth, trades
from scanforpay_django.sandbox.clock import wall_clock
from scanforpay_django.sandbox.gate import door
from scanforpay_django.sandbox.models import App, Merchant, Trade

from . import bodies, envelope
from .errors import ApiError, GatewayError, business
from .trade import trade_fields

OK = {"code": "10000", "msg": "Success"}


@require_POST
@door
def gateway(request: HttpRequest) -> HttpResponse:
    """POST gateway.do. What is wrong before app and method are known is told unsigned."""
    method = ""
    try:
        params = envelope.parameters(request)
        method = params.get("method", "")
        merchant = envelope.merchant_of(params)
        if method not in METHODS:
            raise GatewayError("40002", "isv.invalid-method", f"there is no method {method}")
        envelope.verify(params, merchant)
        return envelope.answer(method, METHODS[method](params, merchant))
    except GatewayError as fault:
        return envelope.unsigned(fault)
    except ApiError as fault:
        return envelope.answer(method, fault.payload)


def create(params: Mapping[str, str], merchant: Merchant) -> Mapping[str, Any]:
    """alipay.trade.create: a trade_no, the same one for the same trade again."""
    body = bodies.read_create(params, merchant)
    wanted = {"biz_content": body, "notify_url": params.get("notify_url", "")}
    trade = _find(merchant, {"out_trade_no": body["out_trade_no"]})
    if trade is None:
        trade = _create(merchant, wanted)
    _check_repeatable(trade, wanted)
    return {**OK, "out_trade_no": trade.out_trade_no, "trade_no": trade.trade_no}


def _create(merchant: Merchant, wanted: dict[str, Any]) -> Trade:
    body = wanted["biz_content"]
    fields = {
        "amount": to_minor(body["total_amount"], "CNY"),
        "currency": "CNY",
        "description": body["subject"],
        "payer": bodies.buyer_of(body, merchant),
        "notify_url": wanted["notify_url"],
        "expires_at": bodies.expiry_of(body),
        "trade_no": trades.new_trade_no(App.ALIPAY),
        "request": wanted,
    }
    with database.atomic():
        return Trade.objects.get_or_create(
            merchant=merchant, out_trade_no=body["out_trade_no"], defaults=fields
        )[0]


def _check_repeatable(trade: Trade, wanted: dict[str, Any]) -> None:
    if trade.state == Trade.State.PAID:
        raise business("TRADE_HAS_SUCCESS", "交易已被支付")
    if trade.state == Trade.State.CLOSED:
        raise business("TRADE_HAS_CLOSE", "交易已经关闭")
    first, again = trade.request["biz_content"], wanted["biz_content"]
    if any(first.get(name) != again.get(name) for name in ("buyer_id", "buyer_open_id")):
        raise business("TRADE_BUYER_NOT_MATCH", "交易买家不匹配")
    if trade.request != wanted:
        raise business("CONTEXT_INCONSISTENT", "交易信息被篡改")


def query(params: Mapping[str, str], merchant: Merchant) -> Mapping[str, Any]:
    """alipay.trade.query, by either number."""
    return {**OK, **trade_fields(_known(merchant, bodies.read_number(params, bodies.QUERY)))}


def close(params: Mapping[str, str], merchant: Merchant) -> Mapping[str, Any]:
    """alipay.trade.close: only what waits for its buyer."""
    trade = _known(merchant, bodies.read_number(params, bodies.CLOSE))
    if not trades.close(trade):
        raise business("TRADE_STATUS_ERROR", "交易状态不合法")
    return {**OK, "out_trade_no": trade.out_trade_no, "trade_no": trade.trade_no}


def token(params: Mapping[str, str], merchant: Merchant) -> Mapping[str, Any]:
    """alipay.system.oauth.token: grant_type and code stand beside the common parameters."""
    if params.get("grant_type") != "authorization_code":
        raise GatewayError("40002", "isv.grant-type-invalid", "grant_type must be authorization_code")
    payer = oauth.redeem(merchant, params.get("code", ""))
    if isinstance(payer, oauth.CodeProblem):
        raise GatewayError("40002", "isv.code-invalid", f"授权码code无效 ({payer.value})")
    return {
        "access_token": f"authbseB{secrets.token_hex(16)}",
        "auth_start": wall_clock(timezone.now()),
        "expires_in": 1296000,
        "open_id": payer.open_id,
        "re_expires_in": 2592000,
        "refresh_token": f"authbseB{secrets.token_hex(16)}",
        "user_id": payer.payer_id,
    }


METHODS: dict[str, Callable[[Mapping[str, str], Merchant], Mapping[str, Any]]] = {
    "alipay.trade.create": create,
    "alipay.trade.query": query,
    "alipay.trade.close": close,
    "alipay.system.oauth.token": token,
}


def _find(merchant: Merchant, numbers: Mapping[str, str]) -> Trade | None:
    """The trade with these numbers. What has passed its time unpaid is closed, as Alipay does by itself."""
    trade = Trade.objects.filter(merchant=merchant, **numbers).select_related("merchant", "payer").first()
    if trade is not None and trade.is_open and trade.has_expired:
        trades.close(trade)
    return trade


def _known(merchant: Merchant, body: Mapping[str, Any]) -> Trade:
    trade = _find(merchant, {name: body[name] for name in ("out_trade_no", "trade_no") if name in body})
    if trade is None:
        raise business("TRADE_NOT_EXIST", "交易不存在")
    return trade
