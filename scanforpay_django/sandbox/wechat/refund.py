"""Refunds of API v3: accepted at once, done a moment later, announced by a notification."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.views.decorators.http import require_GET, require_POST

from scanforpay_django.sandbox import payments, refunds, trades
from scanforpay_django.sandbox.models import Merchant, Refund, Trade
from scanforpay_django.sandbox.shape import Shape

from . import global_fields, queries
from .api import api_call
from .errors import ApiError
from .modes import Mode, find_sub_merchant
from .order_body import check_parties, read_body, wrong
from .refund_body import PARTNER_TABLE, TABLE
from .refund_fields import answer_fields

# why it is refused: code and text
REFUSALS = {
    "other-parameters": ("INVALID_REQUEST", "The same out_refund_no was used with other parameters."),
    "not-paid": ("RESOURCE_NOT_EXISTS", "订单不存在或未支付"),
    "not-enough": ("NOT_ENOUGH", "基本账户余额不足，请充值后重新发起"),
    "too-many": ("RULE_LIMIT", "订单退款次数超过50次"),
    "too-much": ("INVALID_REQUEST", "申请退款金额大于订单可退金额"),
    "too-soon": ("FREQUENCY_LIMITED", "同一笔订单的退款需间隔1分钟"),
}


def _shape(merchant: Merchant, mode: Mode) -> Shape:
    if mode.is_global:
        return (global_fields.INSTITUTION_REFUNDS if mode.partner else global_fields.REFUNDS).fields
    return (PARTNER_TABLE if merchant.sub_merchants.exists() else TABLE).fields


@require_POST
@api_call("refund")
def refund(request: HttpRequest, merchant: Merchant, mode: Mode) -> Mapping[str, Any]:
    """POST refund/domestic/refunds or global/refunds: PROCESSING; the same number again: how it stands."""
    wanted = read_body(request.body, _shape(merchant, mode))
    if mode.is_global:
        check_parties(wanted, merchant, mode)
    sub = find_sub_merchant(merchant, wanted["sub_mchid"]) if "sub_mchid" in wanted else None
    trade = _paid_trade(merchant, sub, wanted)
    _check_amount(trade, wanted["amount"])
    _check_number(merchant, trade, wanted["out_refund_no"])
    asked = refunds.RefundCall(
        number=wanted["out_refund_no"],
        amount=wanted["amount"]["refund"],
        request=wanted,
        notify_url=wanted.get("notify_url", ""),
    )
    try:
        made, is_new = refunds.start(trade, asked)
    except refunds.Refused as refusal:
        raise ApiError(*REFUSALS[refusal.reason]) from refusal
    reply = answer_fields(made)
    if is_new:
        end = refunds.final_state(made)
        if end != Refund.State.PROCESSING:
            payments.finish_refund(made, end)
    return reply


def _paid_trade(merchant: Merchant, sub: Merchant | None, wanted: Mapping[str, Any]) -> Trade:
    names = [name for name in ("transaction_id", "out_trade_no") if name in wanted]
    if not names:
        raise wrong("/out_trade_no", "out_trade_no or transaction_id is wanted")
    numbers = {"trade_no" if name == "transaction_id" else name: wanted[name] for name in names}
    trade = trades.merchant_trades(merchant).filter(sub_merchant=sub, **numbers).first()
    if trade is None:
        raise ApiError("RESOURCE_NOT_EXISTS", "订单不存在")
    return trade


def _check_amount(trade: Trade, amount: Mapping[str, Any]) -> None:
    if amount["total"] != trade.amount or amount["currency"] != trade.currency:
        raise ApiError("INVALID_REQUEST", "订单金额或币种与原订单不一致")


def _check_number(merchant: Merchant, trade: Trade, out_refund_no: str) -> None:
    elsewhere = Refund.objects.filter(trade__merchant=merchant, number=out_refund_no).exclude(trade=trade)
    if elsewhere.exists():
        raise ApiError("INVALID_REQUEST", "The out_refund_no was used for another order.")


@require_GET
@api_call("refund_query")
def refund_query(
    request: HttpRequest, merchant: Merchant, mode: Mode, out_refund_no: str
) -> Mapping[str, Any]:
    """GET refunds/{out_refund_no}, with sub_mchid for a provider; global: refunds/out-refund-no/{}?mchid=."""
    return answer_fields(_found(request, merchant, mode, {"number": out_refund_no}))


@require_GET
@api_call("refund_query")
def refund_query_by_id(
    request: HttpRequest, merchant: Merchant, mode: Mode, refund_id: str
) -> Mapping[str, Any]:
    """GET global/refunds/id/{id}?mchid=: a refund by the platform's own number."""
    return answer_fields(_found(request, merchant, mode, {"refund_id": refund_id}))


def _found(request: HttpRequest, merchant: Merchant, mode: Mode, numbers: dict[str, str]) -> Refund:
    given = queries.read_query(request, queries.pick_refund_query(merchant, mode))
    sub = queries.check_parties(given, merchant)
    rows = Refund.objects.filter(trade__merchant=merchant, trade__sub_merchant=sub, **numbers)
    found = rows.select_related("trade__merchant", "trade__sub_merchant").first()
    if found is None:
        raise ApiError("RESOURCE_NOT_EXISTS", "退款单不存在")
    return found
