"""The bodies of orders and of what is done with them, held against the tables of fields.py."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from scanforpay_django import clock
from scanforpay_django.sandbox.models import Merchant, Payer
from scanforpay_django.sandbox.shape import Shape, ShapeError, check, parse_object

from . import fields, global_fields, words
from .errors import ApiError
from .fields import read_time
from .modes import Mode, find_sub_merchant
from .transaction import TRADE_TYPES

DEFAULT_LIFETIME = timedelta(days=7)
SHORTEST_LIFETIME = timedelta(minutes=1)
LONGEST_LIFETIME = timedelta(days=90)


def order_shape(mode: Mode, product: str) -> Shape:
    """What the body of an order may hold."""
    if mode.is_global:
        tables = global_fields.INSTITUTION_ORDERS if mode.partner else global_fields.ORDERS
    else:
        tables = fields.PARTNER_ORDERS if mode.partner else fields.ORDERS
    return tables[product].fields


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


def check_number(out_trade_no: str) -> None:
    """Hold a number in a path against its length. Raises ApiError."""
    try:
        check({"out_trade_no": out_trade_no}, fields.NUMBER_IN_PATH)
    except ShapeError as error:
        raise words.shape_refusal(error, "uri_template") from error


def read_close(body: bytes, merchant: Merchant, mode: Mode) -> dict[str, Any]:
    """A valid body of a close. Raises ApiError."""
    closing = read_body(body, (fields.PARTNER_CLOSE if mode.partner else fields.CLOSE).fields)
    check_parties(closing, merchant, mode)
    return closing


def read_reverse(body: bytes, merchant: Merchant, mode: Mode) -> dict[str, Any]:
    """A valid body of a reverse: the parties. Raises ApiError."""
    parties = read_body(body, (fields.PARTNER_REVERSE if mode.partner else fields.REVERSE).fields)
    check_parties(parties, merchant, mode)
    return parties


def find_payer(order: dict[str, Any], merchant: Merchant) -> Payer:
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


def read_expiry(order: dict[str, Any]) -> datetime:
    """The last moment for paying, within the platform's bounds. Raises ApiError when it has passed."""
    now = clock.now()
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
        raise words.shape_refusal(error) from error
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
