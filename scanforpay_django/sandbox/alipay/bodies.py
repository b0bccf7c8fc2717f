"""biz_content of the trade calls, held against the tables of fields.py."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from scanforpay_django import clock
from scanforpay_django.money import to_minor
from scanforpay_django.sandbox.clock import BEIJING, read_wall_clock
from scanforpay_django.sandbox.models import Merchant, Payer
from scanforpay_django.sandbox.shape import ShapeError, check, parse_object

from . import fields
from .errors import ApiError, business
from .fields import FieldTable

# FACE_TO_FACE_PAYMENT and QUICK_WAP_WAY
DEFAULT_LIFETIMES = {"wap": timedelta(days=15)}
DEFAULT_LIFETIME = timedelta(hours=3)
LONGEST_LIFETIME = timedelta(days=15)
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def to_fen(amount: object) -> int:
    """An amount of a checked body in minor units."""
    return to_minor(str(fields.yuan(amount)), "CNY")


def read(params: Mapping[str, str], table: FieldTable) -> dict[str, Any]:
    """biz_content as a dict. Raises ApiError."""
    if not params.get("biz_content"):
        raise ApiError("40001", "isv.missing-biz-content", "biz_content is missing")
    try:
        body = parse_object(params["biz_content"])
        check(body, table.fields)
    except ShapeError as error:
        raise invalid(str(error)) from error
    return body


def invalid(what: str) -> ApiError:
    """What the trade calls say of a wrong parameter."""
    return business("INVALID_PARAMETER", f"参数无效：{what}")


def read_trade(params: Mapping[str, str], product: str, seller: Merchant) -> dict[str, Any]:
    """A valid body that makes a trade of ``seller``. Raises ApiError."""
    body = read(params, fields.TRADES[product])
    if product == "create" and ("buyer_id" in body) == ("buyer_open_id" in body):
        raise invalid("one of buyer_id and buyer_open_id is wanted")
    if body.get("product_code") == "JSAPI_PAY" and "op_app_id" not in body:
        raise invalid("JSAPI_PAY wants op_app_id")
    if body.get("seller_id", seller.number) != seller.number:
        raise business("PARTNER_ERROR", "seller_id is not this app's")
    if to_fen(body["total_amount"]) < 1:
        raise invalid("total_amount must be at least 0.01")
    return body


def read_number(params: Mapping[str, str], table: FieldTable) -> dict[str, Any]:
    """A body that names a trade by one or both of its numbers. Raises ApiError."""
    body = read(params, table)
    if "out_trade_no" not in body and "trade_no" not in body:
        raise invalid("out_trade_no or trade_no is wanted")
    return body


def get_buyer(body: Mapping[str, Any], app: Merchant) -> Payer:
    """The buyer a create names. Raises ApiError for one this app never got."""
    buyers = Payer.objects.filter(merchant=app).select_related("merchant")
    if "buyer_id" in body:
        # an app that is given open_id has never seen a user_id
        found = None if app.open_id_only else buyers.filter(payer_id=body["buyer_id"]).first()
    else:
        found = buyers.filter(open_id=body["buyer_open_id"]).first()
    if found is None:
        raise invalid("the buyer does not exist for this app")
    return found


def read_expiry(body: Mapping[str, Any], product: str) -> datetime:
    """The last moment for paying; time_expire wins over timeout_express. Raises ApiError."""
    now = clock.now()
    if "time_expire" in body:
        moment = read_wall_clock(body["time_expire"])
    elif body.get("timeout_express") == "1c":
        moment = now.astimezone(BEIJING).replace(hour=23, minute=59, second=59)
    elif "timeout_express" in body:
        moment = now + int(body["timeout_express"][:-1]) * UNITS[body["timeout_express"][-1]]
    else:
        moment = now + DEFAULT_LIFETIMES.get(product, DEFAULT_LIFETIME)
    if not now < moment <= now + LONGEST_LIFETIME + timedelta(minutes=1):
        raise invalid("the trade must end in the future and within 15 days")
    return moment
