"""create_forex_trade and create_forex_trade_wap: the page to which the browser is sent."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db import transaction as database
from django.http import HttpRequest, HttpResponse

from scanforpay_django import clock
from scanforpay_django.money import EXPONENTS, to_minor
from scanforpay_django.sandbox import payments, sheets, trades
from scanforpay_django.sandbox.models import App, Merchant, Platform, Trade
from scanforpay_django.sandbox.phone import get_user
from scanforpay_django.sandbox.shape import Rule, Shape, ShapeError, address, check, pattern, text

from . import envelope
from .envelope import ApiError
from .trade import total_fee

SERVICES = {"create_forex_trade": "forex", "create_forex_trade_wap": "forex_wap"}
APPS = {"ALIPAYHK": App.ALIPAYHK, "ALIPAYCN": App.ALIPAY}
DEFAULT_LIFETIME = timedelta(hours=12)
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
COMMON: Shape = {
    "service": text(64, required=True),
    "partner": text(16, required=True),
    "_input_charset": text(16, required=True),
    "sign_type": text(8, required=True),
    "sign": text(512, required=True),
}
CREATE: Shape = {
    **COMMON,
    "notify_url": address(200, query=True),
    "return_url": address(200, query=True),
    "refer_url": text(200),
    "out_trade_no": pattern(
        r"[0-9A-Za-z_\-]{1,64}", "must be 1 to 64 letters, digits, _ or -", required=True
    ),
    "subject": Rule(lambda v: isinstance(v, str) and 1 <= len(v) <= 256, "must be 1 to 256 characters", True),
    "body": text(400),
    "currency": Rule(lambda v: v in EXPONENTS, "must be a currency code", True),
    "total_fee": pattern(r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,3})?", "must be an amount", required=True),
    "payment_inst": pattern("ALIPAYHK|ALIPAYCN", "must be ALIPAYHK or ALIPAYCN"),
    "product_code": pattern(
        "NEW_OVERSEAS_SELLER|NEW_WAP_OVERSEAS_SELLER", "must be NEW_(WAP_)OVERSEAS_SELLER"
    ),
    "timeout_rule": pattern("[1-9][0-9]{0,3}[mhd]", "must be such as 12h"),
    "supplier": text(16),
    "secondary_merchant_id": text(32),
    "secondary_merchant_name": text(128),
    "secondary_merchant_industry": text(16),
    "trade_information": text(2048),
    "app_pay": pattern("Y|N", "must be Y or N"),
}


def page(request: HttpRequest, params: Mapping[str, str]) -> HttpResponse:
    """The cashier. The trade comes into being here; a refusal is a page too."""
    try:
        merchant = envelope.find_partner(params)
        check(params, CREATE)
        trade = _trade(params, merchant)
    except (ApiError, ShapeError) as fault:
        return sheets.refusal(str(fault))
    payments.before_answer(trade, get_user(request))
    # without payment_inst it is the mainland's wallet
    return sheets.show(trade, app=APPS[params.get("payment_inst", "ALIPAYCN")])


def _trade(params: Mapping[str, str], merchant: Merchant) -> Trade:
    try:
        amount = to_minor(params["total_fee"], params["currency"])
    except ValueError as error:
        raise ApiError("TOTAL_FEE_ERROR") from error
    if amount < 1:
        raise ApiError("TOTAL_FEE_ERROR")
    wanted = {name: value for name, value in params.items() if name not in ("sign", "sign_type")}
    fields = {
        "product": SERVICES[params["service"]],
        "amount": amount,
        "currency": params["currency"],
        "description": params["subject"],
        "notify_url": params.get("notify_url", ""),
        "expires_at": _expiry(params.get("timeout_rule", "")),
        "trade_no": trades.new_trade_no(Platform.ALIPAY_GLOBAL),
        "opened_at": clock.now(),
        "request": wanted,
    }
    with database.atomic():
        trade = Trade.objects.get_or_create(
            merchant=merchant, out_trade_no=params["out_trade_no"], defaults=fields
        )[0]
    if trade.request != wanted:
        raise ApiError("REPEAT_OUT_TRADE_NO")
    return trade


def _expiry(rule: str) -> datetime:
    found = re.fullmatch("([0-9]+)([mhd])", rule)
    return clock.now() + (int(found[1]) * UNITS[found[2]] if found else DEFAULT_LIFETIME)


def return_url(trade: Trade) -> str:
    """Where the browser goes after paying: signed parameters."""
    back = str(trade.request.get("return_url", ""))
    if not back:
        return ""
    fields = {
        "out_trade_no": trade.out_trade_no,
        "trade_no": trade.trade_no,
        "trade_status": "TRADE_FINISHED",
        "currency": trade.currency,
        "total_fee": total_fee(trade),
    }
    query = urlencode({**fields, "sign": envelope.sign(fields), "sign_type": "RSA2"})
    return f"{back}{'&' if '?' in back else '?'}{query}"
