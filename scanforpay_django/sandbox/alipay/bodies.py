"""biz_content of the trade calls, held against the published models."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from scanforpay_django.money import to_minor
from scanforpay_django.sandbox.clock import read_wall_clock
from scanforpay_django.sandbox.models import Merchant, Payer
from scanforpay_django.sandbox.shape import (
    Rule,
    Shape,
    ShapeError,
    address,
    check,
    group,
    objects,
    parse_object,
    pattern,
    text,
)

from .errors import ApiError, business

# FACE_TO_FACE_PAYMENT and QUICK_WAP_WAY
DEFAULT_LIFETIMES = {"wap": timedelta(days=15)}
DEFAULT_LIFETIME = timedelta(hours=3)
LONGEST_LIFETIME = timedelta(days=15)
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(read_wall_clock(value))
    except ValueError:
        return False


def _amount(*, required: bool = False) -> Rule:
    return pattern(r"(?:0|[1-9][0-9]{0,8})\.[0-9]{2}", "must be yuan with two decimals", required=required)


OUT_TRADE_NO = r"[0-9A-Za-z_]{1,64}"
SUBJECT = Rule(
    lambda v: isinstance(v, str) and 1 <= len(v) <= 256 and not re.search("[/=&]", v),
    "must be 1 to 256 characters, none of / = &",
    True,
)

FACE_TO_FACE = "FACE_TO_FACE_PAYMENT"
_TRADE: Shape = {
    "out_trade_no": pattern(OUT_TRADE_NO, "must be 1 to 64 letters, digits or _", required=True),
    "total_amount": _amount(required=True),
    "subject": SUBJECT,
    "body": text(128),
    "passback_params": text(512),
    "timeout_express": pattern(r"[1-9][0-9]{0,4}[mhd]|1c", "must be 1m to 15d or 1c"),
    "time_expire": Rule(_is_time, "must be yyyy-MM-dd HH:mm:ss"),
    "seller_id": pattern(r"2088[0-9]{12}", "must be 2088 and twelve digits"),
    "discountable_amount": _amount(),
    "operator_id": text(28),
    "store_id": text(32),
    "terminal_id": text(32),
    "goods_detail": objects(),
    "extend_params": group({"sys_service_provider_id": text(64)}),
}
CREATE: Shape = {
    **_TRADE,
    "buyer_id": pattern(r"2088[0-9]{12}", "must be 2088 and twelve digits"),
    "buyer_open_id": text(128),
    "product_code": pattern(f"{FACE_TO_FACE}|JSAPI_PAY", "must be FACE_TO_FACE_PAYMENT or JSAPI_PAY"),
    "op_app_id": text(32),
}
WAP: Shape = {
    **_TRADE,
    "product_code": pattern("QUICK_WAP_WAY", "must be QUICK_WAP_WAY"),
    "quit_url": address(400, query=True),
    "goods_type": pattern("[01]", "must be 0 or 1"),
}
PRECREATE: Shape = {
    **_TRADE,
    "product_code": pattern(FACE_TO_FACE, "must be FACE_TO_FACE_PAYMENT"),
    "qr_code_timeout_express": pattern(r"[1-9][0-9]{0,4}[mhd]|1c", "must be 1m to 15d or 1c"),
}
PAY: Shape = {
    **_TRADE,
    "scene": pattern("bar_code", "must be bar_code", required=True),
    # 16 to 24 digits, 25 to 30 first
    "auth_code": pattern(
        "(?:2[5-9]|30)[0-9]{14,22}", "must be 16 to 24 digits, 25 to 30 first", required=True
    ),
    "product_code": pattern(FACE_TO_FACE, "must be FACE_TO_FACE_PAYMENT"),
}
SHAPES = {"create": CREATE, "wap": WAP, "precreate": PRECREATE, "pay": PAY}
EITHER_NUMBER: Shape = {
    "out_trade_no": pattern(OUT_TRADE_NO, "must be 1 to 64 letters, digits or _"),
    "trade_no": text(64),
}
QUERY: Shape = {
    **EITHER_NUMBER,
    "query_options": Rule(
        lambda v: isinstance(v, list) and all(isinstance(i, str) for i in v), "must be a list of texts"
    ),
}
CLOSE: Shape = {**EITHER_NUMBER, "operator_id": text(28)}
CANCEL: Shape = EITHER_NUMBER
_NUMBER_OF_REFUND = pattern(r"[0-9A-Za-z_\-]{1,64}", "must be 1 to 64 letters, digits, _ or -")
REFUND: Shape = {
    **QUERY,
    "refund_amount": _amount(required=True),
    "refund_reason": text(256),
    "out_request_no": _NUMBER_OF_REFUND,
    "operator_id": text(30),
    "store_id": text(32),
    "terminal_id": text(32),
    "refund_goods_detail": objects(),
}
REFUND_QUERY: Shape = {**QUERY, "out_request_no": replace(_NUMBER_OF_REFUND, required=True)}
BILL: Shape = {
    "bill_type": pattern("trade|signcustomer", "must be trade or signcustomer", required=True),
    "bill_date": pattern(r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?", "must be yyyy-MM-dd or yyyy-MM", required=True),
}


def read(params: Mapping[str, str], shape: Shape) -> dict[str, Any]:
    """biz_content as a dict. Raises ApiError."""
    if not params.get("biz_content"):
        raise ApiError("40001", "isv.missing-biz-content", "biz_content is missing")
    try:
        body = parse_object(params["biz_content"])
        check(body, shape)
    except ShapeError as error:
        raise invalid(str(error)) from error
    return body


def invalid(what: str) -> ApiError:
    """What the trade calls say of a wrong parameter."""
    return business("INVALID_PARAMETER", f"参数无效: {what}")


def read_trade(params: Mapping[str, str], product: str, seller: Merchant) -> dict[str, Any]:
    """A valid body that makes a trade of ``seller``. Raises ApiError."""
    body = read(params, SHAPES[product])
    if product == "create" and ("buyer_id" in body) == ("buyer_open_id" in body):
        raise invalid("one of buyer_id and buyer_open_id is wanted")
    if body.get("product_code") == "JSAPI_PAY" and "op_app_id" not in body:
        raise invalid("JSAPI_PAY wants op_app_id")
    if body.get("seller_id", seller.number) != seller.number:
        raise business("PARTNER_ERROR", "seller_id is not this app's")
    if to_minor(body["total_amount"], "CNY") < 1:
        raise invalid("total_amount must be at least 0.01")
    return body


def read_number(params: Mapping[str, str], shape: Shape) -> dict[str, Any]:
    """A body that names a trade by one or both of its numbers. Raises ApiError."""
    body = read(params, shape)
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


def expiry_of(body: Mapping[str, Any], product: str) -> datetime:
    """The last moment for paying; time_expire wins over timeout_express. Raises ApiError."""
    now = timezone.now()
    if "time_expire" in body:
        moment = read_wall_clock(body["time_expire"])
    elif body.get("timeout_express") == "1c":
        moment = timezone.localtime(now).replace(hour=23, minute=59, second=59)
    elif "timeout_express" in body:
        moment = now + int(body["timeout_express"][:-1]) * UNITS[body["timeout_express"][-1]]
    else:
        moment = now + DEFAULT_LIFETIMES.get(product, DEFAULT_LIFETIME)
    if not now < moment <= now + LONGEST_LIFETIME + timedelta(minutes=1):
        raise invalid("the trade must end in the future and within 15 days")
    return moment
