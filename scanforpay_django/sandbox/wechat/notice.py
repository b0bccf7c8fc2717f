"""WeChat's notifications: a sealed transaction or refund under a signed envelope."""

import json
import secrets
import uuid
from typing import Any

from scanforpay_django import clock
from scanforpay_django.sandbox import faults
from scanforpay_django.sandbox.clock import rfc3339
from scanforpay_django.sandbox.keys import Kind, Signer, nobodys_key, platform_signer
from scanforpay_django.sandbox.misbehave import other_signature
from scanforpay_django.sandbox.models import Merchant, Notice, Refund, Trade
from scanforpay_django.sandbox.notify import Message
from scanforpay_django.wallets.gcm import gcm_seal

from .answers import signature_headers
from .refund_fields import notice_fields
from .transaction import transaction

TRIES = ("bad-signature", "unknown-key", "stale-timestamp", "signtest")


def paid_message(trade: Trade) -> Message:
    """TRANSACTION.SUCCESS for ``trade``. Repetitions are the same bytes under a fresh signature."""
    return _message(trade, trade.notify_url, "TRANSACTION.SUCCESS", "支付成功", transaction(trade))


def refund_message(refund: Refund) -> Message | None:
    """REFUND.SUCCESS, REFUND.ABNORMAL or REFUND.CLOSED, to the refund's own address."""
    kind = f"REFUND.{refund.state}"
    return _message(refund.trade, refund.notify_url, kind, "退款通知", notice_fields(refund))


def _message(trade: Trade, url: str, kind: str, summary: str, content: dict[str, Any]) -> Message:
    signer = _signer(trade.merchant)
    event_id = f"EV-{uuid.uuid4()}"
    envelope = {
        "id": event_id,
        "create_time": rfc3339(clock.now()),
        "resource_type": "encrypt-resource",
        "event_type": kind,
        "summary": summary,
        "resource": _sealed(
            trade.merchant, "refund" if kind.startswith("REFUND") else "transaction", content
        ),
    }
    body = json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()

    def write() -> tuple[dict[str, str], bytes]:
        own = {"Content-Type": "application/json", "Accept": "*/*", "User-Agent": "Mozilla/4.0"}
        return {**own, **_signature(trade, body, signer)}, body

    return Message(event_id=event_id, url=url, write=write, accepts=_accepts)


def _signer(merchant: Merchant) -> Signer:
    """The key for a callback; during migration both take turns."""
    with_certificate = merchant.key_mode == Merchant.KeyMode.CERTIFICATE
    if merchant.key_mode == Merchant.KeyMode.MIGRATION:
        with_certificate = Notice.objects.filter(trade__merchant=merchant).count() % 2 == 0
    return platform_signer(merchant.app, Kind.CERTIFICATE if with_certificate else Kind.PUBLIC_KEY)


def _signature(trade: Trade, body: bytes, signer: Signer) -> dict[str, str]:
    fault = faults.take(TRIES, merchant=trade.merchant, trade=trade)
    name = fault.name if fault else ""
    if name == "unknown-key":
        signer = Signer(key_id="PUB_KEY_ID_0100000000000000000000", key=nobodys_key())
    headers = signature_headers(body, signer, age_seconds=3600 if name == "stale-timestamp" else 0)
    right = headers["Wechatpay-Signature"]
    if name == "bad-signature":
        headers["Wechatpay-Signature"] = other_signature(right)
    elif name == "signtest":
        headers["Wechatpay-Signature"] = f"WECHATPAY/SIGNTEST/{right[:64]}"
    return headers


def _accepts(status: int, body: bytes) -> bool:  # noqa: ARG001 (the body is not needed)
    return status in (200, 204)


def _sealed(merchant: Merchant, kind: str, content: dict[str, Any]) -> dict[str, str]:
    nonce = secrets.token_hex(6)
    plain = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return {
        "original_type": kind,
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": gcm_seal(merchant.apiv3_key.encode(), nonce.encode(), kind.encode(), plain),
        "associated_data": kind,
        "nonce": nonce,
    }
