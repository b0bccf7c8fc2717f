"""The wallet in the phone: it takes the page's bridge call, shows what is to be paid, and pays."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from scanforpay_django.money import display

from . import notify, trades
from .alipay import bridge as alipay_bridge
from .alipay import notice as alipay_notice
from .gate import door
from .models import App, Trade
from .phone import payer_ids, user_of
from .shape import ShapeError, check, parse_object, pattern
from .wechat import bridge as wechat_bridge
from .wechat import notice as wechat_notice

BRIDGES: dict[str, Callable[[Mapping[str, Any]], Trade]] = {
    "wechat_bridge": wechat_bridge.trade_of,
    "alipay_bridge": alipay_bridge.trade_of,
}
NOTICES: dict[str, Callable[[Trade], notify.Message]] = {
    App.WECHAT: wechat_notice.paid_message,
    App.ALIPAY: alipay_notice.paid_message,
}
CALL = {
    "kind": pattern("wechat_bridge|alipay_bridge", "must be wechat_bridge or alipay_bridge", required=True),
    "outcome": pattern("pay|cancel|look", "must be pay, cancel or look", required=True),
}


@require_POST
@door
def call(request: HttpRequest) -> HttpResponse:
    """POST wallet/pay: {kind, params, outcome} -> {result: ok|cancel|fail, message, amount, ...}.

    ``amount`` is in minor units, ``display`` is for people. outcome "look" tells what "pay" would pay.
    """
    try:
        asked = _read(request.body)
        trade = BRIDGES[asked["kind"]](asked["params"])
        _check_payable(trade, user_of(request))
    except ShapeError as error:
        return _answer("fail", str(error), None)
    if asked["outcome"] == "cancel":
        return _answer("cancel", "cancelled by the customer", trade)
    if asked["outcome"] == "pay" and not _pay(trade):
        return _answer("fail", "the trade has just been paid, closed or expired", trade)
    return _answer("ok", "", trade)


def _read(body: bytes) -> dict[str, Any]:
    asked = parse_object(body)
    params = asked.pop("params", None)
    check(asked, CALL)
    if not isinstance(params, dict):
        raise ShapeError("/params", "must be an object")
    return {**asked, "params": params}


def _check_payable(trade: Trade, user: str) -> None:
    if not user or payer_ids(trade.merchant, user)[0] != trade.payer.payer_id:
        raise ShapeError("payer", "下单账号与支付账号不一致 (the trade was made for another user)")
    if trade.state == Trade.State.PAID:
        raise ShapeError("trade", "该订单已支付 (it has been paid)")
    if trade.state == Trade.State.CLOSED or trade.has_expired:
        raise ShapeError("trade", "该订单已关闭 (it is closed or expired)")


def _pay(trade: Trade) -> bool:
    with transaction.atomic():
        if not trades.pay(trade):
            return False
        if trade.notify_url:
            notify.post(trade, NOTICES[trade.merchant.app](trade))
    return True


def _answer(result: str, message: str, trade: Trade | None) -> HttpResponse:
    sheet: dict[str, Any] = {"amount": None, "currency": "", "display": "", "description": "", "merchant": ""}
    if trade is not None:
        sheet = {
            "amount": trade.amount,
            "currency": trade.currency,
            "display": display(trade.amount, trade.currency),
            "description": trade.description,
            "merchant": trade.merchant.name,
        }
    response = JsonResponse({"result": result, "message": message, **sheet})
    response["Cache-Control"] = "no-store"
    return response
