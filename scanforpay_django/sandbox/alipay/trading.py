"""The trade calls: create, precreate, pay by barcode, query, close, cancel.

The last digit of a barcode says what the customer does: 0 is refused, 1 has to be confirmed on the sandbox's
page, any other pays at once.
"""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from django.db import transaction as database

from scanforpay_django import clock
from scanforpay_django.sandbox import hosts, payments, trades
from scanforpay_django.sandbox.models import Merchant, Payer, Platform, Prepay, Trade
from scanforpay_django.sandbox.phone import payer_at

from . import bodies, fields
from .envelope import Asked
from .errors import business
from .trade import paid_fields, trade_fields

OK = {"code": "10000", "msg": "Success"}
IN_PROCESS = {"code": "10003", "msg": "order success pay inprocess"}


def create(asked: Asked) -> Mapping[str, Any]:
    """alipay.trade.create: a trade_no, the same one for the same trade again."""
    body = bodies.read_trade(asked.params, "create", asked.seller)
    # A buyer who does not exist is refused before any trade is made.
    trade = make(asked, "create", body, bodies.get_buyer(body, asked.app))
    payments.before_answer(trade)
    return {**OK, "out_trade_no": trade.out_trade_no, "trade_no": trade.trade_no}


def precreate(asked: Asked) -> Mapping[str, Any]:
    """alipay.trade.precreate: a QR code; the trade exists once somebody has scanned it."""
    trade = make(asked, "precreate", bodies.read_trade(asked.params, "precreate", asked.seller), None)
    known = trade.prepays.first()
    code = known or Prepay.objects.create(
        trade=trade, prepay_id=f"bax{secrets.token_hex(12)}", expires_at=trade.expires_at
    )
    payments.before_answer(trade)
    return {
        **OK,
        "out_trade_no": trade.out_trade_no,
        "qr_code": hosts.platform_address(asked.request, f"alipay/qr/{code.prepay_id}"),
    }


def pay(asked: Asked) -> Mapping[str, Any]:
    """alipay.trade.pay: paid at once, or 10003 while the customer is asked for their password."""
    body = bodies.read_trade(asked.params, "pay", asked.seller)
    code = body["auth_code"]
    buyer = payer_at(asked.app, hashlib.sha256(f"barcode {code}".encode()).hexdigest()[:32])
    is_new = find(asked.seller, {"out_trade_no": body["out_trade_no"]}) is None
    trade = make(asked, "pay", body, buyer)
    if is_new and code.endswith("0"):
        trades.close(trade)
        raise business(
            "PAYMENT_AUTH_CODE_INVALID", "支付失败，获取顾客账户信息失败，请顾客刷新付款码后重新收款"
        )
    if is_new and not code.endswith("1"):
        payments.pay(trade, "")
    if trade.is_open:
        return {**IN_PROCESS, "out_trade_no": trade.out_trade_no, "trade_no": trade.trade_no}
    return {**OK, **paid_fields(trade)}


def make(asked: Asked, product: str, body: dict[str, Any], payer: Payer | None) -> Trade:
    """The trade the body wants, made now or before with the same content. Raises ApiError."""
    wanted = {"biz_content": body, "notify_url": asked.params.get("notify_url", "")}
    if product == "wap":
        wanted["return_url"] = asked.params.get("return_url", "")
    fields = {
        "product": product,
        "amount": bodies.to_fen(body["total_amount"]),
        "currency": "CNY",
        "description": body["subject"],
        "payer": payer,
        "notify_url": wanted["notify_url"],
        "expires_at": bodies.read_expiry(body, product),
        "trade_no": trades.new_trade_no(Platform.ALIPAY),
        "opened_at": None if product == "precreate" else clock.now(),
        "request": wanted,
    }
    trade = find(asked.seller, {"out_trade_no": body["out_trade_no"]}, unseen_too=True)
    if trade is None:
        with database.atomic():
            trade = Trade.objects.get_or_create(
                merchant=asked.seller, out_trade_no=body["out_trade_no"], defaults=fields
            )[0]
    _check_repeatable(trade, product, wanted)
    return trade


def _check_repeatable(trade: Trade, product: str, wanted: dict[str, Any]) -> None:
    if trade.state == Trade.State.PAID and (product != "pay" or trade.request != wanted):
        raise business("TRADE_HAS_SUCCESS", "交易已被支付")
    if trade.state not in (Trade.State.OPEN, Trade.State.PAID):
        raise business("TRADE_HAS_CLOSE", "交易已经关闭")
    if _buyers(trade.request) != _buyers(wanted):
        raise business("TRADE_BUYER_NOT_MATCH", "交易买家不匹配")
    if trade.product != product or trade.request != wanted:
        raise business("CONTEXT_INCONSISTENT", "交易信息被篡改")


def _buyers(request: Mapping[str, Any]) -> tuple[str | None, str | None]:
    body = request["biz_content"]
    return body.get("buyer_id"), body.get("buyer_open_id")


def query(asked: Asked) -> Mapping[str, Any]:
    """alipay.trade.query, by either number."""
    return {**OK, **trade_fields(known(asked.seller, bodies.read_number(asked.params, fields.TRADE_QUERY)))}


def close(asked: Asked) -> Mapping[str, Any]:
    """alipay.trade.close: only what waits for its buyer."""
    trade = known(asked.seller, bodies.read_number(asked.params, fields.TRADE_CLOSE))
    if not trades.close(trade):
        raise business("TRADE_STATUS_ERROR", "交易状态不合法")
    return {**OK, "out_trade_no": trade.out_trade_no, "trade_no": trade.trade_no}


def cancel(asked: Asked) -> Mapping[str, Any]:
    """alipay.trade.cancel: closes what is open, and refunds what is paid."""
    body = bodies.read_number(asked.params, fields.CANCEL)
    trade = known(asked.seller, body, unseen_too=True)
    action = "refund" if trade.state == Trade.State.PAID else "close"
    if action == "refund":
        trades.revoke(trade)
    else:
        trades.close(trade)
    reply = {**OK, "out_trade_no": trade.out_trade_no, "retry_flag": "N", "action": action}
    return {**reply, "trade_no": trade.trade_no} if trade.opened_at else reply


def find(merchant: Merchant, numbers: Mapping[str, str], *, unseen_too: bool = False) -> Trade | None:
    """The trade with these numbers. What has passed its time unpaid is closed, as Alipay does automatically."""
    trade = trades.merchant_trades(merchant).filter(**numbers).first()
    if trade is not None and trade.is_open and trade.has_expired:
        trades.close(trade)
    return None if trade is not None and trade.opened_at is None and not unseen_too else trade


def known(merchant: Merchant, body: Mapping[str, Any], *, unseen_too: bool = False) -> Trade:
    """The trade a body names. Raises ApiError."""
    # where both are given the platform's own counts: AlipayTradeRefundModel.java
    name = "trade_no" if "trade_no" in body else "out_trade_no"
    numbers = {name: body[name]}
    trade = find(merchant, numbers, unseen_too=unseen_too)
    if trade is None:
        raise business("TRADE_NOT_EXIST", "交易不存在")
    return trade
