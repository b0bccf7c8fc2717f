"""What the biz_content of each method holds: a field's name, required or not, type and length.

Source: the models that Alipay publishes with its clients, github alipay/alipay-sdk-java-all, v2/.../api/domain (javadoc
of 2024) and alipay-sdk-python 3.7.1411, alipay/aop/api/domain; each table names its class. The names are all of theirs;
those whose values do not matter here are taken as they come. Lengths are those of the method's page at
opendocs.alipay.com, where the javadoc does not give them.

Nothing here is shared with the wallets: with one table on both sides a wrong one would pass every test.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from scanforpay_django.sandbox.clock import read_wall_clock
from scanforpay_django.sandbox.shape import Rule, Shape, address, anything, objects, pattern, text

_MODELS = "https://github.com/alipay/alipay-sdk-java-all/blob/master/v2/src/main/java/com/alipay/api/domain"


@dataclass(frozen=True, kw_only=True)
class FieldTable:
    """What a method takes."""

    # the class that says so
    source: str
    fields: Shape


def _table(model: str, fields: Shape) -> FieldTable:
    return FieldTable(source=f"{_MODELS}/{model}.java", fields=fields)


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(read_wall_clock(value))
    except ValueError:
        return False


def yuan(value: Any) -> Decimal:
    """An amount as the platform reads it: a text or a number of yuan, at most two decimals. Raises ValueError.

    The README of the platform's own client for Node.js sends "0.1", that of python-alipay-sdk a number.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("neither text nor number")
    if not re.fullmatch(r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,2})?", str(value), re.ASCII):
        raise ValueError("not yuan with at most two decimals")
    return Decimal(str(value))


def _is_amount(value: Any) -> bool:
    try:
        return yuan(value) <= 100_000_000
    except (ValueError, InvalidOperation):
        return False


def _amount(*, required: bool = False) -> Rule:
    return Rule(_is_amount, "must be yuan with at most two decimals", required)


def _others(*names: str) -> Shape:
    return {name: anything() for name in names}


OUT_TRADE_NO = pattern(r"[0-9A-Za-z_]{1,64}", "must be 1 to 64 letters, digits or _", required=True)
_SUBJECT = Rule(
    lambda v: isinstance(v, str) and 1 <= len(v) <= 256 and not re.search("[/=&]", v),
    "must be 1 to 256 characters, none of / = &",
    True,
)
_USER = pattern(r"2088[0-9]{12}", "must be 2088 and twelve digits")
_LASTS = pattern(r"[1-9][0-9]{0,4}[mhd]|1c", "must be 1m to 15d or 1c")
_OPTIONS = Rule(
    lambda v: isinstance(v, list) and all(isinstance(one, str) for one in v), "must be a list of texts"
)
FACE_TO_FACE = "FACE_TO_FACE_PAYMENT"
# what all four ways to make a trade hold
_TRADE: Shape = {
    "out_trade_no": OUT_TRADE_NO,
    "total_amount": _amount(required=True),
    "subject": _SUBJECT,
    "body": text(128),
    "passback_params": text(512),
    "timeout_express": _LASTS,
    "time_expire": Rule(_is_time, "must be yyyy-MM-dd HH:mm:ss"),
    "seller_id": _USER,
    "store_id": text(32),
    "merchant_order_no": text(64),
    "query_options": _OPTIONS,
    "goods_detail": objects(),
    # "its fields are added to as time goes by"
    "extend_params": Rule(lambda v: isinstance(v, dict), "must be an object"),
    **_others("business_params", "disable_pay_channels", "ext_user_info", "royalty_info", "settle_info"),
    **_others("sub_merchant"),
}
# and those in a shop
_AT_SHOP: Shape = {
    "operator_id": text(28),
    "terminal_id": text(32),
    "discountable_amount": _amount(),
    "undiscountable_amount": _amount(),
    **_others("alipay_store_id", "bkagent_req_info"),
}
TRADE_CREATE = _table(
    "AlipayTradeCreateModel",
    {
        **_TRADE,
        **_AT_SHOP,
        "buyer_id": _USER,
        "buyer_open_id": text(128),
        "product_code": pattern(f"{FACE_TO_FACE}|JSAPI_PAY", "must be FACE_TO_FACE_PAYMENT or JSAPI_PAY"),
        "op_app_id": text(32),
        "op_buyer_open_id": text(128),
        **_others("agreement_sign_params", "buyer_logon_id", "enable_pay_channels", "logistics_detail"),
        **_others("receiver_address_info"),
    },
)
WAP = _table(
    "AlipayTradeWapPayModel",
    {
        **_TRADE,
        # the class says QUICK_WAP_WAY; python-alipay-sdk has sent QUICK_WAP_PAY for years, and is answered
        "product_code": pattern("QUICK_WAP_(?:WAY|PAY)", "must be QUICK_WAP_WAY"),
        "quit_url": address(400, query=True),
        "goods_type": pattern("[01]", "must be 0 or 1"),
        **_others("auth_token", "enable_pay_channels", "invoice_info", "promo_params", "specified_channel"),
    },
)
PRECREATE = _table(
    "AlipayTradePrecreateModel",
    {
        **_TRADE,
        **_AT_SHOP,
        "product_code": pattern(FACE_TO_FACE, "must be FACE_TO_FACE_PAYMENT"),
        "qr_code_timeout_express": _LASTS,
        **_others("buyer_logon_id", "code_type", "enable_pay_channels", "payment_type"),
    },
)
PAY = _table(
    "AlipayTradePayModel",
    {
        **_TRADE,
        **_AT_SHOP,
        # bar_code where it is not given
        "scene": pattern("bar_code", "must be bar_code"),
        "auth_code": pattern(
            "(?:2[5-9]|30)[0-9]{14,22}", "must be 16 to 24 digits, 25 to 30 first", required=True
        ),
        "product_code": pattern(FACE_TO_FACE, "must be FACE_TO_FACE_PAYMENT"),
        **_others("advance_payment_type", "agreement_params", "auth_confirm_mode", "auth_no", "buyer_id"),
        **_others("buyer_open_id", "is_async_pay", "pay_params", "promo_params", "request_org_pid"),
        **_others("settle_currency", "terminal_params", "trans_currency"),
    },
)
_EITHER_NUMBER: Shape = {
    "out_trade_no": replace(OUT_TRADE_NO, required=False),
    # where both are given this one counts
    "trade_no": text(64),
}
TRADE_QUERY = _table(
    "AlipayTradeQueryModel", {**_EITHER_NUMBER, "query_options": _OPTIONS, "org_pid": text(16)}
)
TRADE_CLOSE = _table(
    "AlipayTradeCloseModel", {**_EITHER_NUMBER, "operator_id": text(28), "extend_params": anything()}
)
CANCEL = _table("AlipayTradeCancelModel", _EITHER_NUMBER)
_REFUND_NO = pattern(r"[0-9A-Za-z_\-]{1,64}", "must be 1 to 64 letters, digits, _ or -")
TRADE_REFUND = _table(
    "AlipayTradeRefundModel",
    {
        **_EITHER_NUMBER,
        "query_options": _OPTIONS,
        "refund_amount": _amount(required=True),
        "refund_reason": text(256),
        "out_request_no": _REFUND_NO,
        "operator_id": text(30),
        "store_id": text(32),
        "terminal_id": text(32),
        "goods_detail": objects(),
        "refund_goods_detail": objects(),
        **_others("org_pid", "refund_advance_account", "refund_advance_account_type", "refund_currency"),
        **_others("refund_royalty_parameters", "refund_trans_out", "refund_trans_out_type"),
        **_others("related_settle_confirm_no"),
    },
)
TRADE_REFUND_QUERY = _table(
    "AlipayTradeFastpayRefundQueryModel",
    {
        **_EITHER_NUMBER,
        "query_options": _OPTIONS,
        "org_pid": text(16),
        "out_request_no": replace(_REFUND_NO, required=True),
    },
)
BILL_QUERY = _table(
    "AlipayDataDataserviceBillDownloadurlQueryModel",
    {
        "bill_type": pattern("trade|signcustomer", "must be trade or signcustomer", required=True),
        "bill_date": pattern(
            r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?", "must be yyyy-MM-dd or yyyy-MM", required=True
        ),
        **_others("smid", "secure"),
    },
)
SELL_QUERY = _table(
    "AlipayDataBillSellQueryModel",
    {
        "start_time": Rule(_is_time, "must be yyyy-MM-dd HH:mm:ss", True),
        "end_time": Rule(_is_time, "must be yyyy-MM-dd HH:mm:ss", True),
        "page_no": pattern("[1-9][0-9]{0,5}", "must be a number from 1 on"),
        "page_size": pattern("1[0-9]{3}|2000", "must be 1000 to 2000"),
        "alipay_order_no": text(64),
        "merchant_order_no": text(64),
        "store_no": text(32),
    },
)
# by product
TRADES = {"create": TRADE_CREATE, "wap": WAP, "precreate": PRECREATE, "pay": PAY}
