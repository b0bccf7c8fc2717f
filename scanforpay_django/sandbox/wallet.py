"""The wallet in the phone: it takes the page's bridge call, shows what is to be paid, and pays.

A call is one of a page in the app (wechat_bridge, alipay_bridge), of a code that was scanned (scan: {"code"}), or of
a page of the sandbox's own (trade: {"id"}), which may be of any product and needs no particular user.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from scanforpay_django.money import display

from . import payments, scanning, trades
from .alipay import bridge as alipay_bridge
from .alipay import wap
from .alipay_global import cashier
from .gate import door
from .models import Trade
from .phone import get_user, new_user, payer_ids, remember_user
from .shape import ShapeError, check, number, parse_object, pattern
from .wechat import bridge as wechat_bridge


def _by_id(params: Mapping[str, Any]) -> Trade:
    check(params, {"id": number(1, required=True)})
    rows = Trade.objects.select_related("merchant__provider", "sub_merchant", "payer__merchant")
    trade = rows.filter(pk=params["id"]).first()
    if trade is None:
        raise ShapeError("id", "there is no such trade")
    return trade


BRIDGES: dict[str, Callable[[Mapping[str, Any]], Trade]] = {
    "wechat_bridge": wechat_bridge.find_trade,
    "alipay_bridge": alipay_bridge.find_trade,
    "scan": scanning.find_trade,
    "trade": _by_id,
}
# where the platform itself sends the browser after paying
RETURNS: dict[str, Callable[[Trade], str]] = {
    "wap": wap.return_url,
    "forex": cashier.return_url,
    "forex_wap": cashier.return_url,
}
CALL = {
    "kind": pattern("|".join(BRIDGES), f"must be one of {', '.join(BRIDGES)}", required=True),
    "outcome": pattern("pay|cancel|look", "must be pay, cancel or look", required=True),
}
BARCODES = ("codepay", "pay")


@require_POST
@door
def call(request: HttpRequest) -> HttpResponse:
    """POST wallet/pay: {kind, params, outcome} -> {result: ok|cancel|fail, message, amount, next, ...}.

    ``amount`` is in minor units, ``display`` is for people, ``next`` is where the platform sends the browser, ""
    for nowhere. outcome "look" shows what "pay" would pay.
    """
    user = get_user(request)
    try:
        asked = _read(request.body)
        trade = BRIDGES[asked["kind"]](asked["params"])
        # A page in an app is for the user it was made for; others may be opened by any customer.
        if asked["kind"].endswith("_bridge"):
            _check_user(trade, user)
        _check_payable(trade, user)
    except ShapeError as error:
        return _answer("fail", str(error), None)
    if asked["outcome"] == "cancel":
        if trade.product in BARCODES:
            trades.fail(trade)
        return _answer("cancel", "cancelled by the customer", trade)
    user = user or new_user()
    if asked["outcome"] == "pay" and not _pay(trade, user):
        return _answer("fail", "the trade has just been paid, closed or expired", trade)
    response = _answer("ok", "", trade)
    remember_user(request, response, user)
    return response


def _read(body: bytes) -> dict[str, Any]:
    asked = parse_object(body)
    params = asked.pop("params", None)
    check(asked, CALL)
    if not isinstance(params, dict):
        raise ShapeError("/params", "must be an object")
    return {**asked, "params": params}


def _check_user(trade: Trade, user: str) -> None:
    payer = trade.payer
    if not user or payer is None or payer_ids(payer.merchant, user)[0] != payer.payer_id:
        raise ShapeError("payer", "下单账号与支付账号不一致 (the trade was made for another user)")


def _check_payable(trade: Trade, user: str) -> None:
    if trade.state == Trade.State.PAID:
        raise ShapeError("trade", "该订单已支付 (it has been paid)")
    if not payments.may_be_paid(trade, user):
        raise ShapeError("trade", "该订单已关闭 (it is closed or expired)")


def _pay(trade: Trade, user: str) -> bool:
    paid = payments.pay(trade, user)
    trade.refresh_from_db()
    return paid


def _answer(result: str, message: str, trade: Trade | None) -> HttpResponse:
    sheet: dict[str, Any] = {"amount": None, "currency": "", "display": "", "description": "", "merchant": ""}
    after = ""
    if trade is not None:
        sheet = {
            "amount": trade.amount,
            "currency": trade.currency,
            "display": display(trade.amount, trade.currency),
            "description": trade.description,
            "merchant": (trade.sub_merchant or trade.merchant).name,
        }
        if trade.state == Trade.State.PAID and trade.product in RETURNS:
            after = RETURNS[trade.product](trade)
    response = JsonResponse({"result": result, "message": message, **sheet, "next": after})
    response["Cache-Control"] = "private, no-store"
    return response
