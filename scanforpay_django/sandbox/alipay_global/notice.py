"""The cross-border gateway's notification: a signed form; sign and sign_type are not signed."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

from scanforpay_django import clock
from scanforpay_django.sandbox import faults
from scanforpay_django.sandbox.clock import wall_clock
from scanforpay_django.sandbox.keys import nobodys_key
from scanforpay_django.sandbox.misbehave import other_signature
from scanforpay_django.sandbox.models import Notice, Refund, Trade
from scanforpay_django.sandbox.notify import Message
from scanforpay_django.wallets.rsa import rsa_sign

from .envelope import sign, signed_text
from .trade import notice_fields

TRIES = ("bad-signature", "unknown-key", "stale-timestamp")


def paid_message(trade: Trade) -> Message:
    """trade_status_sync for ``trade``: TRADE_FINISHED."""
    fields = {
        "notify_id": secrets.token_hex(17),
        "notify_type": "trade_status_sync",
        "notify_time": wall_clock(clock.now()),
        **notice_fields(trade),
    }

    def write() -> tuple[dict[str, str], bytes]:
        Notice.objects.filter(event_id=fields["notify_id"]).update(sent_at=clock.now())
        fault = faults.take(TRIES, merchant=trade.merchant, trade=trade)
        return {"Content-Type": "application/x-www-form-urlencoded"}, _form(
            fields, fault.name if fault else ""
        )

    return Message(event_id=fields["notify_id"], url=trade.notify_url, write=write, accepts=_accepts)


def refund_message(refund: Refund) -> Message | None:  # noqa: ARG001 (whatever the refund)
    """Refunds are not notified here."""
    return None


def _form(fields: Mapping[str, str], fault: str) -> bytes:
    reply = dict(fields)
    if fault == "stale-timestamp":
        reply["notify_time"] = wall_clock(clock.now() - timedelta(hours=1))
    signature = sign(reply)
    if fault == "unknown-key":
        signature = rsa_sign(nobodys_key(), signed_text(reply))
    elif fault == "bad-signature":
        signature = other_signature(signature)
    return urlencode({**reply, "sign_type": "RSA2", "sign": signature}).encode("ascii")


def _accepts(status: int, body: bytes) -> bool:
    return status == 200 and body == b"success"
