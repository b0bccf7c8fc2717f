"""The calls of API v3 about orders: order, query, close."""

import functools
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction as database
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET, require_POST

from scanforpay_django import clock
from scanforpay_django.sandbox import hosts, misbehave, payments, trades
from scanforpay_django.sandbox.gate import View, door
from scanforpay_django.sandbox.models import Merchant, Payer, Prepay, Trade

from . import answers, authorization, order_body, queries
from .errors import ApiError
from .modes import Mode, check_mode, find_sub_merchant, narrow
from .transaction import transaction

PREPAY_LIFETIME = timedelta(hours=2)
H5_LIFETIME = timedelta(minutes=5)
NATIVE_SCHEME = "weixin://wxpay/bizpayurl?pr="

Call = Callable[..., Mapping[str, Any] | None]


def api_call(operation: str) -> Callable[[Call], View]:
    """A call behind the Authorization: what it returns is signed, what it refuses has a code."""

    def decorate(call: Call) -> View:
        @functools.wraps(call)
        def view(request: HttpRequest, mode: Mode, **given: str) -> HttpResponseBase:
            try:
                merchant = authorization.verify(request, mode.app)
            except ApiError as fault:
                return answers.refused(fault)
            family = narrow(mode, merchant)

            def act() -> HttpResponse:
                try:
                    reply = call(request, merchant, family, **given)
                except ApiError as fault:
                    return answers.refused(fault)
                return answers.signed(reply, answers.signer_for(request, merchant))

            about = functools.partial(_about, request, merchant, given.get("out_trade_no"))
            asked = misbehave.Call(request=request, operation=operation, merchant=merchant, about=about)
            return misbehave.answer(asked, act, answers.WORDS)

        return door(view)

    return decorate


def _about(request: HttpRequest, merchant: Merchant, out_trade_no: str | None) -> tuple[Trade | None, str]:
    """The trade and the customer a call is about, for faults. Nothing is checked here."""
    try:
        body = json.loads(request.body or b"{}")
        number, payer = out_trade_no or body.get("out_trade_no"), body.get("payer", {})
        openid = payer.get("openid") or payer.get("sp_openid") or payer.get("sub_openid") or ""
    except (ValueError, AttributeError):
        number, openid = out_trade_no, ""
    known = Payer.objects.filter(payer_id=str(openid)).first() if openid else None
    return find(merchant, str(number)), known.phone_user if known else ""


@require_POST
@api_call("create")
def order(request: HttpRequest, merchant: Merchant, mode: Mode, product: str) -> Mapping[str, Any]:
    """POST transactions/{jsapi|h5|native|app}: what starts the wallet, also for the same order again."""
    if not mode.is_global:
        check_mode(merchant, mode)
    wanted = order_body.read_order(request.body, merchant, mode, product)
    payer = order_body.find_payer(wanted, merchant) if product == "jsapi" else None
    trade = find(merchant, wanted["out_trade_no"]) or create(merchant, mode, product, wanted, payer)
    _check_repeatable(trade, product, wanted)
    started = _start(request, trade, mode)
    payments.before_answer(trade)
    return started


def create(
    merchant: Merchant, mode: Mode, product: str, wanted: dict[str, Any], payer: Payer | None
) -> Trade:
    """A trade as the body wants it; the one of another call that was faster."""
    fields = {
        "sub_merchant": find_sub_merchant(merchant, wanted["sub_mchid"]) if mode.partner else None,
        "product": product,
        "amount": wanted["amount"]["total"],
        "currency": wanted["amount"].get("currency", "CNY"),
        "description": wanted["description"],
        "payer": payer,
        "notify_url": wanted.get("notify_url", ""),
        "expires_at": order_body.read_expiry(wanted),
        "request": wanted,
    }
    with database.atomic():
        return Trade.objects.get_or_create(
            merchant=merchant, out_trade_no=wanted["out_trade_no"], defaults=fields
        )[0]


def _check_repeatable(trade: Trade, product: str, wanted: dict[str, Any]) -> None:
    if trade.state == Trade.State.PAID:
        raise ApiError("ORDER_PAID", "The order has been paid.")
    if trade.state != Trade.State.OPEN:
        raise ApiError("ORDER_CLOSED", "The order has been closed.")
    if trade.product != product or trade.request != wanted:
        raise ApiError("INVALID_REQUEST", "The same out_trade_no was used with other parameters.")
    if trade.has_expired:
        raise ApiError("ORDER_CLOSED", "The order has expired.")


def _start(request: HttpRequest, trade: Trade, mode: Mode) -> dict[str, str]:
    """A fresh prepay_id, h5_url or code_url."""
    lifetime = H5_LIFETIME if trade.product == "h5" else PREPAY_LIFETIME
    prepay = Prepay.objects.create(
        trade=trade, prepay_id=answers.new_prepay_id(), expires_at=clock.now() + lifetime
    )
    if trade.product == "native":
        return {"code_url": f"{NATIVE_SCHEME}{prepay.prepay_id}"}
    if trade.product == "h5":
        page = hosts.platform_address(request, "wechat/cgi-bin/mmpayweb-bin/checkmweb")
        url = f"{page}?prepay_id={prepay.prepay_id}&package={prepay.pk}"
        return {"mweb_url" if mode.is_global else "h5_url": url}
    return {"prepay_id": prepay.prepay_id}


@require_GET
@api_call("query")
def query(request: HttpRequest, merchant: Merchant, mode: Mode, out_trade_no: str) -> Mapping[str, Any]:
    """GET out-trade-no/{out_trade_no}?mchid=: an expired order still reads NOTPAY."""
    order_body.check_number(out_trade_no)
    sub = check_query(request, merchant, mode)
    return transaction(known(find(merchant, out_trade_no), sub))


@require_GET
@api_call("query")
def query_by_id(
    request: HttpRequest, merchant: Merchant, mode: Mode, transaction_id: str
) -> Mapping[str, Any]:
    """GET id/{transaction_id}?mchid=: only what is paid has such an id."""
    sub = check_query(request, merchant, mode)
    return transaction(known(trades.merchant_trades(merchant).filter(trade_no=transaction_id).first(), sub))


@require_POST
@api_call("close")
def close(request: HttpRequest, merchant: Merchant, mode: Mode, out_trade_no: str) -> None:
    """POST .../out-trade-no/{out_trade_no}/close: 204, also a second time and for a number never seen."""
    order_body.check_number(out_trade_no)
    order_body.read_close(request.body, merchant, mode)
    trade = find(merchant, out_trade_no)
    if trade is None:
        return
    if trade.product == "codepay":
        raise ApiError("INVALID_REQUEST", "A barcode payment is reversed, not closed.")
    trades.close(trade)
    if trade.state == Trade.State.PAID:
        raise ApiError("ORDER_PAID", "The order has been paid.")


def check_query(request: HttpRequest, merchant: Merchant, mode: Mode) -> Merchant | None:
    """Hold the query string against the signature; the sub-merchant it names. Raises ApiError."""
    table = queries.PARTNER_QUERY if mode.partner else queries.QUERY
    return queries.check_parties(queries.read_query(request, table), merchant)


def find(merchant: Merchant, out_trade_no: str) -> Trade | None:
    """The merchant's trade of this number."""
    return trades.merchant_trades(merchant).filter(out_trade_no=out_trade_no).first()


def known(trade: Trade | None, sub: Merchant | None = None) -> Trade:
    """``trade``, when there is one of ``sub``. Raises ApiError."""
    if trade is None or trade.sub_merchant != sub:
        raise ApiError("ORDER_NOT_EXIST", "The order does not exist.")
    return trade
