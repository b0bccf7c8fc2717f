"""The bodies of orders and of what is done with them, held against the API pages' field lists."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from scanforpay_django.sandbox.models import Merchant, Payer
from scanforpay_django.sandbox.shape import (
    Rule,
    Shape,
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
from .modes import Mode, find_sub_merchant
from .transaction import TRADE_TYPES

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


_NUMBER = pattern(r"[0-9A-Za-z_\-|*]{6,32}", "must be 6 to 32 of 0-9 A-Z a-z _ - | *", required=True)
_STORE = {"id": text(32, required=True), "name": text(256), "area_code": text(32), "address": text(512)}
_SCENE = {"payer_client_ip": text(45, required=True), "device_id": text(32), "store_info": group(_STORE)}
_H5 = {
    "type": pattern("[A-Za-z0-9]{1,32}", "must be such as iOS, Android or Wap", required=True),
    "app_name": text(64),
    "app_url": text(128),
    "bundle_id": text(128),
    "package_name": text(128),
}
_WHAT: Shape = {
    # both counted in UTF-8 bytes, which is how the platform enforces its 127 and 128
    "description": text_bytes(127, required=True),
    "attach": text_bytes(128),
    "out_trade_no": _NUMBER,
    "goods_tag": text(32),
    "support_fapiao": flag(),
    "amount": group(
        {"total": number(1, required=True), "currency": pattern("CNY", "must be CNY")}, required=True
    ),
    "detail": group({"cost_price": number(0), "invoice_id": text(32), "goods_detail": objects()}),
    "settle_info": group({"profit_sharing": flag()}),
}
_WHEN: Shape = {
    "time_expire": Rule(_is_time, "must be RFC 3339, such as 2018-06-08T10:34:56+08:00"),
    "notify_url": address(255, query=False, required=True),
}
_TILL = group({"id": text(32), "out_id": text(32)}, required=True)
_PRODUCTS: dict[str, Shape] = {
    "jsapi": {**_WHEN, "scene_info": group(_SCENE)},
    "native": {**_WHEN, "scene_info": group(_SCENE)},
    "app": {**_WHEN, "scene_info": group(_SCENE)},
    "h5": {**_WHEN, "scene_info": group({**_SCENE, "h5_info": group(_H5, required=True)}, required=True)},
    "codepay": {
        # 18 digits, 10 to 15 first
        "payer": group(
            {"auth_code": pattern("1[0-5][0-9]{16}", "must be 18 digits, 10 to 15 first", required=True)},
            required=True,
        ),
        "scene_info": group(
            {"device_id": text(32), "device_ip": text(45), "store_info": _TILL}, required=True
        ),
    },
}
_GLOBAL: Shape = {
    "trade_type": pattern("JSAPI|NATIVE|APP|MWEB", "must be JSAPI, NATIVE, APP or MWEB", required=True),
    "merchant_category_code": pattern("[0-9]{4}", "must be four digits", required=True),
    "amount": group(
        {
            "total": number(1, required=True),
            "currency": pattern("CNY|HKD|USD|EUR|GBP|JPY", "must be a currency of this API", required=True),
        },
        required=True,
    ),
    "time_start": Rule(_is_time, "must be RFC 3339"),
    "limit_pay": Rule(lambda v: isinstance(v, list), "must be a list"),
}
# Source: pay.weixin.qq.com/wiki/doc/api_external, chapter 3.4.1: a store with name and address is required for H5, and
# there is no h5_info.
_GLOBAL_STORE: Shape = {
    "id": text(32),
    "name": text(256, required=True),
    "address": text(512, required=True),
}
_GLOBAL_SCENE: Shape = {
    "payer_client_ip": text(45, required=True),
    "device_id": text(32),
    "device_ip": text(45),
    "operator_id": text(32),
}
MERCHANT: Shape = {"appid": text(32, required=True), "mchid": text(32, required=True)}
PARTNER: Shape = {
    "sp_appid": text(32, required=True),
    "sp_mchid": text(32, required=True),
    "sub_appid": text(32),
    "sub_mchid": text(32, required=True),
}
_ONE_OPENID: Shape = {"openid": text(128, required=True)}
_TWO_OPENIDS: Shape = {"sp_openid": text(128), "sub_openid": text(128)}


def order_shape(mode: Mode, product: str) -> Shape:
    """What the body of an order may hold."""
    shape = {**(PARTNER if mode.partner else MERCHANT), **_WHAT, **_PRODUCTS[product]}
    if product == "jsapi":
        shape["payer"] = group(_TWO_OPENIDS if mode.partner else _ONE_OPENID, required=True)
    if mode.is_global:
        is_h5 = product == "h5"
        scene = {**_GLOBAL_SCENE, "store_info": group(_GLOBAL_STORE, required=is_h5)}
        shape |= {**_GLOBAL, "scene_info": group(scene, required=is_h5)}
    return shape


def read_order(body: bytes, merchant: Merchant, mode: Mode, product: str) -> dict[str, Any]:
    """A valid order of ``merchant`` as a dict. Raises ApiError."""
    order = read_body(body, order_shape(mode, product))
    check_parties(order, merchant, mode)
    if mode.is_global and order["trade_type"] != TRADE_TYPES[product]:
        raise wrong("/trade_type", "is not that of this path", order["trade_type"])
    return order


def check_parties(body: Mapping[str, Any], merchant: Merchant, mode: Mode) -> None:
    """Hold the merchants and apps of ``body`` against the signature's. Raises ApiError."""
    number_name, app_name = ("sp_mchid", "sp_appid") if mode.partner else ("mchid", "appid")
    if body[number_name] != merchant.number:
        raise wrong(f"/{number_name}", "is not the merchant that signed", body[number_name])
    if app_name in body and body[app_name] != merchant.app_id:
        raise ApiError("APPID_MCHID_NOT_MATCH", f"The {app_name} does not belong to the {number_name}.")
    if mode.partner:
        sub = find_sub_merchant(merchant, body["sub_mchid"])
        if body.get("sub_appid", sub.app_id) != sub.app_id:
            raise ApiError("APPID_MCHID_NOT_MATCH", "The sub_appid does not belong to the sub_mchid.")


def read_close(body: bytes, merchant: Merchant, mode: Mode) -> dict[str, Any]:
    """A valid body of a close. Raises ApiError."""
    names = ("sp_mchid", "sub_mchid") if mode.partner else ("mchid",)
    closing = read_body(body, {name: text(32, required=True) for name in names})
    check_parties(closing, merchant, mode)
    return closing


def read_reverse(body: bytes, merchant: Merchant, mode: Mode) -> dict[str, Any]:
    """A valid body of a reverse: the parties. Raises ApiError."""
    parties = read_body(body, PARTNER if mode.partner else MERCHANT)
    check_parties(parties, merchant, mode)
    return parties


def payer_of(order: dict[str, Any], merchant: Merchant) -> Payer:
    """The payer whose openid the order names. Raises ApiError for one this app never got."""
    given = order["payer"]
    if len(given) != 1:
        raise wrong("/payer", "one of sp_openid and sub_openid is wanted", given)
    [(name, openid)] = given.items()
    home = merchant
    if name == "sub_openid":
        if "sub_appid" not in order:
            raise wrong("/sub_appid", "is required with sub_openid")
        home = find_sub_merchant(merchant, order["sub_mchid"])
    payer = Payer.objects.filter(merchant=home, payer_id=openid).select_related("merchant").first()
    if payer is None:
        raise wrong(f"/payer/{name}", "the openid does not match the appid", openid)
    return payer


def expiry_of(order: dict[str, Any]) -> datetime:
    """The last moment for paying, within the platform's bounds. Raises ApiError when it has passed."""
    now = timezone.now()
    if "time_expire" not in order:
        return now + DEFAULT_LIFETIME
    moment = read_time(order["time_expire"])
    if moment <= now:
        raise wrong("/time_expire", "has passed", order["time_expire"])
    return min(max(moment, now + SHORTEST_LIFETIME), now + LONGEST_LIFETIME)


def read_body(body: bytes, shape: Shape) -> dict[str, Any]:
    """The body as a dict of known fields. Raises ApiError."""
    try:
        parsed = parse_object(body)
        check(parsed, shape)
        _check_characters(parsed)
    except ShapeError as error:
        raise wrong(error.field, error.issue, error.value) from error
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


def wrong(field: str, issue: str, value: object = "") -> ApiError:
    """PARAM_ERROR for one field."""
    detail = {"field": field, "value": value, "issue": issue, "location": "body"}
    return ApiError("PARAM_ERROR", f"{field or 'the body'}: {issue}", detail)
