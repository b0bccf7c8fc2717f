"""The calls of API v3: order, query, close."""

import functools
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction as database
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from scanforpay_django.sandbox import trades
from scanforpay_django.sandbox.gate import View, door
from scanforpay_django.sandbox.models import Merchant, Payer, Prepay, Trade

from . import answers, authorization, order_body
from .errors import ApiError
from .transaction import transaction

PREPAY_LIFETIME = timedelta(hours=2)

Call = Callable[..., Mapping[str, Any] | None]


def api_call(call: Call) -> View:
    """A call behind the Authorization: what it returns is signed, what it refuses is told."""

    @functools.wraps(call)
    def view(request: HttpRequest, **numbers: str) -> HttpResponse:
        try:
            merchant = authorization.verify(request)
            return answers.signed(call(request, merchant, **numbers))
        except ApiError as fault:
            return answers.refused(fault)

    return door(view)


@require_POST
@api_call
def order(request: HttpRequest, merchant: Merchant) -> Mapping[str, Any]:
    """POST v3/pay/transactions/jsapi: a prepay_id, also for the same order again."""
    wanted = order_body.read_order(request.body, merchant)
    payer = order_body.payer_of(wanted, merchant)
    trade = _trade(merchant, wanted["out_trade_no"])
    if trade is None:
        trade = _create(merchant, wanted, payer, order_body.expiry_of(wanted))
    _check_repeatable(trade, wanted)
    prepay = Prepay.objects.create(
        trade=trade, prepay_id=answers.new_prepay_id(), expires_at=timezone.now() + PREPAY_LIFETIME
    )
    return {"prepay_id": prepay.prepay_id}


def _create(merchant: Merchant, wanted: dict[str, Any], payer: Payer, expires_at: datetime) -> Trade:
    fields = {
        "amount": wanted["amount"]["total"],
        "currency": wanted["amount"].get("currency", "CNY"),
        "description": wanted["description"],
        "payer": payer,
        "notify_url": wanted["notify_url"],
        "expires_at": expires_at,
        "request": wanted,
    }
    with database.atomic():
        return Trade.objects.get_or_create(
            merchant=merchant, out_trade_no=wanted["out_trade_no"], defaults=fields
        )[0]


def _check_repeatable(trade: Trade, wanted: dict[str, Any]) -> None:
    if trade.state == Trade.State.PAID:
        raise ApiError("ORDER_PAID", "The order has been paid.")
    if trade.state == Trade.State.CLOSED:
        raise ApiError("ORDER_CLOSED", "The order has been closed.")
    if trade.request != wanted:
        raise ApiError("INVALID_REQUEST", "The same out_trade_no was used with other parameters.")
    if trade.has_expired:
        raise ApiError("ORDER_CLOSED", "The order has expired.")


@require_GET
@api_call
def query(request: HttpRequest, merchant: Merchant, out_trade_no: str) -> Mapping[str, Any]:
    """GET v3/pay/transactions/out-trade-no/{out_trade_no}?mchid=: an expired order still reads NOTPAY."""
    _check_query(request, merchant)
    return transaction(_known(_trade(merchant, out_trade_no)))


@require_GET
@api_call
def query_by_id(request: HttpRequest, merchant: Merchant, transaction_id: str) -> Mapping[str, Any]:
    """GET v3/pay/transactions/id/{transaction_id}?mchid=: only what is paid has such an id."""
    _check_query(request, merchant)
    paid = Trade.objects.filter(merchant=merchant, trade_no=transaction_id)
    return transaction(_known(paid.select_related("merchant", "payer").first()))


@require_POST
@api_call
def close(request: HttpRequest, merchant: Merchant, out_trade_no: str) -> None:
    """POST .../out-trade-no/{out_trade_no}/close: 204, also a second time and for a number never seen."""
    order_body.read_close(request.body, merchant)
    trade = _trade(merchant, out_trade_no)
    if trade is not None:
        trades.close(trade)
        if trade.state == Trade.State.PAID:
            raise ApiError("ORDER_PAID", "The order has been paid.")


def _check_query(request: HttpRequest, merchant: Merchant) -> None:
    if request.GET.getlist("mchid") != [merchant.number] or len(request.GET) != 1:
        raise ApiError("PARAM_ERROR", "The query must be mchid, once, of the merchant that signed.")


def _trade(merchant: Merchant, out_trade_no: str) -> Trade | None:
    rows = Trade.objects.filter(merchant=merchant, out_trade_no=out_trade_no)
    return rows.select_related("merchant", "payer").first()


def _known(trade: Trade | None) -> Trade:
    if trade is None:
        raise ApiError("ORDER_NOT_EXIST", "The order does not exist.")
    return trade
