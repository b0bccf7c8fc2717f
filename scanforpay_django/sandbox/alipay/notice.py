"""Alipay's notification of a payment: a signed form.

It signs every field but sign and sign_type, blank ones too, sorted, raw, joined by &: unlike a request, where
sign_type is signed and blanks are not.
"""

import secrets
from urllib.parse import urlencode

from django.utils import timezone

from scanforpay_django.sandbox.clock import wall_clock
from scanforpay_django.sandbox.keys import platform_signer
from scanforpay_django.sandbox.models import App, Trade
from scanforpay_django.sandbox.notify import Message

from .trade import notice_fields


def paid_message(trade: Trade) -> Message:
    """trade_status_sync for ``trade``. Repetitions are the same bytes."""
    fields = {
        "notify_time": wall_clock(timezone.now()),
        "notify_type": "trade_status_sync",
        "notify_id": f"{wall_clock(timezone.now())[:10].replace('-', '')}00222{secrets.token_hex(14)}",
        "app_id": trade.merchant.app_id,
        "auth_app_id": trade.merchant.app_id,
        "charset": "utf-8",
        "version": "1.0",
        **notice_fields(trade),
    }
    text = "&".join(f"{name}={fields[name]}" for name in sorted(fields))
    sign = platform_signer(App.ALIPAY).sign(text.encode())
    body = urlencode({**fields, "sign_type": "RSA2", "sign": sign}).encode("ascii")
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        "User-Agent": "Mozilla/4.0",
    }
    return Message(
        event_id=fields["notify_id"], url=trade.notify_url, write=lambda: (headers, body), accepts=_accepts
    )


def _accepts(status: int, body: bytes) -> bool:
    return status == 200 and body == b"success"
