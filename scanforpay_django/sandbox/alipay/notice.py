"""Alipay's notifications: a signed form.

It signs every field but sign and sign_type, blank ones too, sorted, raw, joined by &: unlike a request, where
sign_type is signed and blanks are not.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

from scanforpay_django import clock
from scanforpay_django.sandbox import faults
from scanforpay_django.sandbox.clock import wall_clock
from scanforpay_django.sandbox.keys import Kind, Signer, nobodys_key, platform_signer
from scanforpay_django.sandbox.misbehave import other_signature
from scanforpay_django.sandbox.models import Merchant, Platform, Refund, Trade
from scanforpay_django.sandbox.notify import Message

from .trade import notice_fields, refund_notice_fields

TRIES = ("bad-signature", "unknown-key", "stale-timestamp")
HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
    "User-Agent": "Mozilla/4.0",
}


def paid_message(trade: Trade) -> Message:
    """trade_status_sync for ``trade``. Repetitions are the same bytes."""
    return message(trade, {**_common(trade), **notice_fields(trade)}, get_signer(trade.merchant))


def refund_message(refund: Refund) -> Message | None:
    """trade_status_sync for a refund. Face-to-face products tell of payments alone."""
    trade = refund.trade
    if trade.product != "wap" or refund.state != Refund.State.SUCCESS:
        return None
    fields = {**_common(trade), **notice_fields(trade), **refund_notice_fields(refund)}
    return message(trade, fields, get_signer(trade.merchant))


def get_signer(seller: Merchant) -> Signer:
    """Who signs what this seller's app receives."""
    app = seller.provider or seller
    return platform_signer(Platform.ALIPAY, Kind.CERTIFICATE if app.uses_certificates else Kind.PUBLIC_KEY)


def _common(trade: Trade) -> dict[str, str]:
    seller = trade.merchant
    return {
        "notify_time": wall_clock(clock.now()),
        "notify_type": "trade_status_sync",
        "notify_id": new_notify_id(),
        "app_id": (seller.provider or seller).app_id,
        "auth_app_id": seller.app_id,
        "charset": "utf-8",
        "version": "1.0",
    }


def new_notify_id() -> str:
    """The same for all repetitions of one message."""
    return f"{wall_clock(clock.now())[:10].replace('-', '')}00222{secrets.token_hex(14)}"


def message(trade: Trade, fields: Mapping[str, str], signer: Signer) -> Message:
    """A form of ``fields``, signed at each try, wrongly where a fault says so."""

    def write() -> tuple[dict[str, str], bytes]:
        fault = faults.take(TRIES, merchant=trade.merchant, trade=trade)
        name, reply, by = (fault.name if fault else ""), dict(fields), signer
        if name == "unknown-key":
            by = Signer(key_id="", key=nobodys_key())
        elif name == "stale-timestamp":
            reply["notify_time"] = wall_clock(clock.now() - timedelta(hours=1))
        sign = signature(reply, by)
        if name == "bad-signature":
            sign = other_signature(sign)
        return HEADERS, urlencode({**reply, "sign_type": "RSA2", "sign": sign}).encode("ascii")

    return Message(event_id=fields["notify_id"], url=trade.notify_url, write=write, accepts=_accepts)


def signature(fields: Mapping[str, str], signer: Signer) -> str:
    """Over every field, sorted, blank ones too."""
    return signer.sign("&".join(f"{name}={fields[name]}" for name in sorted(fields)).encode())


def _accepts(status: int, body: bytes) -> bool:
    return status == 200 and body == b"success"
