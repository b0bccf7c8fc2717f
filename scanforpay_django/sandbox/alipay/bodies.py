"""biz_content of the trade calls, held against the published models."""

import re
from collections.abc import Mapping
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
    check,
    group,
    objects,
    parse_object,
    pattern,
    text,
)

from .errors import ApiError, business

# For FACE_TO_FACE_PAYMENT, which is what trade.create makes.
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

CREATE: Shape = {
    "out_trade_no": pattern(OUT_TRADE_NO, "must be 1 to 64 letters, digits or _", required=True),
    "total_amount": _amount(required=True),
    "subject": SUBJECT,
    "buyer_id": pattern(r"2088[0-9]{12}", "must be 2088 and twelve digits"),
    "buyer_open_id": text(128),
    "product_code": pattern("FACE_TO_FACE_PAYMENT|JSAPI_PAY", "must be FACE_TO_FACE_PAYMENT or JSAPI_PAY"),
    "op_app_id": text(32),
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


def read_create(params: Mapping[str, str], merchant: Merchant) -> dict[str, Any]:
    """A valid trade.create of ``merchant``. Raises ApiError."""
    body = read(params, CREATE)
    if ("buyer_id" in body) == ("buyer_open_id" in body):
        raise invalid("one of buyer_id and buyer_open_id is wanted")
    if body.get("product_code") == "JSAPI_PAY" and "op_app_id" not in body:
        raise invalid("JSAPI_PAY wants op_app_id")
    if body.get("seller_id", merchant.number) != merchant.number:
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


def buyer_of(body: Mapping[str, Any], merchant: Merchant) -> Payer:
    """The buyer a create names. Raises ApiError for one this app never got."""
    buyers = Payer.objects.filter(merchant=merchant)
    if "buyer_id" in body:
        found = buyers.filter(payer_id=body["buyer_id"]).first()
    else:
        found = buyers.filter(open_id=body["buyer_open_id"]).first()
    if found is None:
        raise invalid("the buyer does not exist for this app")
    return found


def expiry_of(body: Mapping[str, Any]) -> datetime:
    """The last moment for paying; time_expire wins over timeout_express. Raises ApiError."""
    now = timezone.now()
    if "time_expire" in body:
        moment = read_wall_clock(body["time_expire"])
    elif body.get("timeout_express") == "1c":
        moment = timezone.localtime(now).replace(hour=23, minute=59, second=59)
    elif "timeout_express" in body:
        moment = now + int(body["timeout_express"][:-1]) * UNITS[body["timeout_express"][-1]]
    else:
        moment = now + DEFAULT_LIFETIME
    if not now < moment <= now + LONGEST_LIFETIME + timedelta(minutes=1):
        raise invalid("the trade must end in the future and within 15 days")
    return moment
