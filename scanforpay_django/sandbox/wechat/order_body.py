"""The body of a JSAPI order, held against the field list of POST /v3/pay/transactions/jsapi."""

import re
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from scanforpay_django.sandbox.models import Merchant, Payer
from scanforpay_django.sandbox.shape import (
    Rule,
    ShapeError,
    address,
    check,
    flag,
    group,
    number,
    objects,
    parse_object,
    pattern,
    text,
    text_bytes,
)

from .errors import ApiError

DEFAULT_LIFETIME = timedelta(days=7)
SHORTEST_LIFETIME = timedelta(minutes=1)
LONGEST_LIFETIME = timedelta(days=90)

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", re.ASCII)


def read_time(value: str) -> datetime:
    """RFC 3339 without fractions, aware. Raises ValueError."""
    if not _RFC3339.fullmatch(value):
        raise ValueError(f"not RFC 3339: {value!r}")
    return datetime.fromisoformat(value)


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(read_time(value))
    except ValueError:
        return False


ORDER = {
    "appid": text(32, required=True),
    "mchid": text(32, required=True),
    # both counted in UTF-8 bytes, which is how the platform enforces its 127 and 128
    "description": text_bytes(127, required=True),
    "attach": text_bytes(128),
    "out_trade_no": pattern(
        r"[0-9A-Za-z_\-|*]{6,32}", "must be 6 to 32 of 0-9 A-Z a-z _ - | *", required=True
    ),
    "time_expire": Rule(_is_time, "must be RFC 3339, such as 2018-06-08T10:34:56+08:00"),
    "notify_url": address(255, query=False, required=True),
    "goods_tag": text(32),
    "support_fapiao": flag(),
    "amount": group(
        {"total": number(1, required=True), "currency": pattern("CNY", "must be CNY")},
        required=True,
    ),
    "payer": group({"openid": text(128, required=True)}, required=True),
    "detail": group({"cost_price": number(0), "invoice_id": text(32), "goods_detail": objects()}),
    "scene_info": group(
        {
            "payer_client_ip": text(45, required=True),
            "device_id": text(32),
            "store_info": group(
                {
                    "id": text(32, required=True),
                    "name": text(256),
                    "area_code": text(32),
                    "address": text(512),
                }
            ),
        }
    ),
    "settle_info": group({"profit_sharing": flag()}),
}

CLOSE = {"mchid": text(32, required=True)}


def read_order(body: bytes, merchant: Merchant) -> dict[str, Any]:
    """A valid order of ``merchant`` as a dict. Raises ApiError."""
    order = _read(body, ORDER)
    if order["mchid"] != merchant.number:
        raise _wrong("/mchid", "is not the merchant that signed", order["mchid"])
    if order["appid"] != merchant.app_id:
        raise ApiError("APPID_MCHID_NOT_MATCH", "The appid does not belong to the mchid.")
    return order


def read_close(body: bytes, merchant: Merchant) -> None:
    """Check the body of a close. Raises ApiError."""
    if _read(body, CLOSE)["mchid"] != merchant.number:
        raise _wrong("/mchid", "is not the merchant that signed")


def payer_of(order: dict[str, Any], merchant: Merchant) -> Payer:
    """The payer whose openid the order names. Raises ApiError for one this appid never got."""
    openid = order["payer"]["openid"]
    payer = Payer.objects.filter(merchant=merchant, payer_id=openid).first()
    if payer is None:
        raise _wrong("/payer/openid", "the openid does not match the appid", openid)
    return payer


def expiry_of(order: dict[str, Any]) -> datetime:
    """The last moment for paying, within the platform's bounds. Raises ApiError when it has passed."""
    now = timezone.now()
    if "time_expire" not in order:
        return now + DEFAULT_LIFETIME
    moment = read_time(order["time_expire"])
    if moment <= now:
        raise _wrong("/time_expire", "has passed", order["time_expire"])
    return min(max(moment, now + SHORTEST_LIFETIME), now + LONGEST_LIFETIME)


def _read(body: bytes, shape: dict[str, Rule]) -> dict[str, Any]:
    try:
        parsed = parse_object(body)
        check(parsed, shape)
        _check_characters(parsed)
    except ShapeError as error:
        raise _wrong(error.field, error.issue, error.value) from error
    return parsed


def _check_characters(value: Any, where: str = "") -> None:
    """API v3 takes characters of one to three UTF-8 bytes: no emoji."""
    if isinstance(value, dict):
        for name, inner in value.items():
            _check_characters(inner, f"{where}/{name}")
    elif isinstance(value, list):
        for inner in value:
            _check_characters(inner, where)
    elif isinstance(value, str) and any(ord(character) > 0xFFFF for character in value):
        raise ShapeError(where, "holds a character of four UTF-8 bytes")


def _wrong(field: str, issue: str, value: object = "") -> ApiError:
    detail = {"field": field, "value": value, "issue": issue, "location": "body"}
    return ApiError("PARAM_ERROR", f"{field or 'the body'}: {issue}", detail)
