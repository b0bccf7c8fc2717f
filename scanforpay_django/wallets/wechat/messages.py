"""What WeChat Pay says, in our terms. The caller has verified the bytes and checks whose account it is."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.views.decorators.debug import sensitive_variables

from scanforpay_django import money
from scanforpay_django.exceptions import PlatformSignatureInvalid
from scanforpay_django.wallets.gcm import gcm_open
from scanforpay_django.wallets.platform_text import read_text
from scanforpay_django.wallets.results import (
    Acknowledgement,
    PaymentResult,
    RefundResult,
    RefundState,
    TradeState,
)

# REFUND means "a refund was asked for on a paid order", also in part: the order is paid.
WECHAT_TRADE_STATES = {
    "SUCCESS": TradeState.PAID,
    "REFUND": TradeState.PAID,
    "NOTPAY": TradeState.UNPAID,
    "USERPAYING": TradeState.UNPAID,
    "CLOSED": TradeState.CLOSED,
    "REVOKED": TradeState.CLOSED,
    "PAYERROR": TradeState.CLOSED,
}
REFUND_STATES = {
    "SUCCESS": RefundState.SUCCEEDED,
    "PROCESSING": RefundState.PROCESSING,
    # The money is with WeChat and goes later to the payer or the merchant's bank: not final.
    "ABNORMAL": RefundState.PAYER_UNREACHABLE,
    "CLOSED": RefundState.CLOSED,
    # Hong Kong's words, which it has from API v2. Source: api_external, "Query refund", status.
    "REFUNDCLOSE": RefundState.CLOSED,
    "CHANGE": RefundState.PAYER_UNREACHABLE,
}
# Source: pay.weixin.qq.com, "Payment notification" and "Refund notification", direct merchant and service provider.
WECHAT_NOTIFICATION_FIELDS: dict[str, frozenset[str]] = {
    "TRANSACTION": frozenset(
        [
            "appid",
            "mchid",
            "sp_appid",
            "sp_mchid",
            "sub_appid",
            "sub_mchid",
            "out_trade_no",
            "transaction_id",
            "trade_type",
            "trade_state",
            "trade_state_desc",
            "bank_type",
            "attach",
            "success_time",
            "payer",
            "amount",
            "scene_info",
            "promotion_detail",
        ]
    ),
    "REFUND": frozenset(
        [
            "mchid",
            "sp_mchid",
            "sub_mchid",
            "out_trade_no",
            "transaction_id",
            "out_refund_no",
            "refund_id",
            "refund_status",
            "success_time",
            "user_received_account",
            "amount",
        ]
    ),
}


@dataclass(frozen=True, kw_only=True)
class Event:
    """A notification whose sealed content was opened."""

    id: str
    kind: str
    text: str
    content: Mapping[str, Any]


@sensitive_variables()
def open_event(body: bytes, apiv3_key: str) -> Event:
    """The sealed content of a notification. Raises PlatformSignatureInvalid for whatever does not read or open."""
    try:
        event = json.loads(body)
        resource = event["resource"]
        if resource["algorithm"] != "AEAD_AES_256_GCM":
            raise PlatformSignatureInvalid(f"unknown algorithm {resource['algorithm']!r}")
        # The key's 32 characters are the key's bytes; associated_data may be empty or missing. Source: official SDKs.
        plain = gcm_open(
            apiv3_key.encode(),
            str(resource["nonce"]).encode(),
            str(resource.get("associated_data") or "").encode(),
            str(resource["ciphertext"]),
        )
        content = json.loads(plain)
        if not isinstance(content, dict):
            raise PlatformSignatureInvalid("the content is not an object")
        return Event(
            # Each event is stored once, by its id: one without an id is known by its content.
            id=read_text(event["id"])[:128] or hashlib.sha256(plain).hexdigest(),
            kind=read_text(event["event_type"])[:64],
            text=plain.decode(),
            content=content,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PlatformSignatureInvalid("the notification cannot be read") from error


def read_transaction(found: Mapping[str, Any], *, number_name: str) -> PaymentResult:
    """A transaction. What was paid is amount.total, never payer_total: coupons lower that."""
    state = read_text(found.get("trade_state"))
    amount = found.get("amount")
    amount = amount if isinstance(amount, dict) else {}
    return PaymentResult(
        out_trade_no=read_text(found.get("out_trade_no")),
        # Documents of different years write USERPAYING and USER_PAYING.
        state=WECHAT_TRADE_STATES.get(state.replace("_", ""), TradeState.UNKNOWN),
        platform_state=state,
        # fen, where the bill has yuan
        amount=_read_amount(amount.get("total")),
        currency=read_text(amount.get("currency")) or None,
        trade_no=read_text(found.get(number_name)),
        paid_at=_read_time(found.get("success_time")),
        reference=read_text(found.get("attach")),
        raw=dict(found),
    )


def read_wechat_refund(found: Mapping[str, Any], out_refund_no: str) -> RefundResult:
    """A refund: ``status`` of an answer, ``refund_status`` of a notification. Raises PlatformSignatureInvalid."""
    if read_text(found.get("out_refund_no")) != out_refund_no or not out_refund_no:
        raise PlatformSignatureInvalid("the message is of another refund")
    state = read_text(found.get("refund_status") or found.get("status"))
    amount = found.get("amount")
    return RefundResult(
        out_refund_no=out_refund_no,
        out_trade_no=read_text(found.get("out_trade_no")),
        state=REFUND_STATES.get(state, RefundState.UNKNOWN),
        platform_state=state,
        amount=_read_amount(amount.get("refund")) if isinstance(amount, dict) else None,
        # Hong Kong's family calls it ``id``. Source: pay.weixin.qq.com/doc/global/v3/zh/4014096458.
        refund_id=read_text(found.get("refund_id") or found.get("id")),
        refunded_at=_read_time(found.get("success_time")),
        raw=dict(found),
    )


def acknowledgement(accepted: bool) -> Acknowledgement:
    """What WeChat Pay reads."""
    # 200 or 204 is enough; this body is accepted too. Source: pay.weixin.qq.com, "Payment notification".
    content = (
        {"code": "SUCCESS", "message": "OK"} if accepted else {"code": "FAIL", "message": "not accepted"}
    )
    status = 200 if accepted else 400
    return Acknowledgement(status=status, content_type="application/json", body=json.dumps(content).encode())


def _read_amount(value: object) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= money.MAX_AMOUNT
    return value if whole and isinstance(value, int) else None


def _read_time(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
