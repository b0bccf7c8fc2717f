"""WeChat's notification of a payment: a sealed transaction under a signed envelope."""

import json
import secrets
import uuid
from typing import Any

from django.utils import timezone

from scanforpay_django.sandbox.clock import rfc3339
from scanforpay_django.sandbox.keys import platform_signer
from scanforpay_django.sandbox.models import App, Trade
from scanforpay_django.sandbox.notify import Message
from scanforpay_django.wallets.wechat_crypto import gcm_seal

from .answers import signature_headers
from .transaction import transaction


def paid_message(trade: Trade) -> Message:
    """TRANSACTION.SUCCESS for ``trade``. Repetitions are the same bytes under a fresh signature."""
    signer = platform_signer(App.WECHAT)
    event_id = f"EV-{uuid.uuid4()}"
    body = json.dumps(_envelope(event_id, trade), ensure_ascii=False, separators=(",", ":")).encode()

    def write() -> tuple[dict[str, str], bytes]:
        own = {"Content-Type": "application/json", "Accept": "*/*", "User-Agent": "Mozilla/4.0"}
        return {**own, **signature_headers(body, signer)}, body

    return Message(event_id=event_id, url=trade.notify_url, write=write, accepts=_accepts)


def _accepts(status: int, body: bytes) -> bool:  # noqa: ARG001 (the body is not needed)
    return status in (200, 204)


def _envelope(event_id: str, trade: Trade) -> dict[str, Any]:
    nonce, associated = secrets.token_hex(6), "transaction"
    plain = json.dumps(transaction(trade), ensure_ascii=False, separators=(",", ":")).encode()
    key = trade.merchant.apiv3_key.encode()
    return {
        "id": event_id,
        "create_time": rfc3339(timezone.now()),
        "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS",
        "summary": "支付成功",
        "resource": {
            "original_type": "transaction",
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": gcm_seal(key, nonce.encode(), associated.encode(), plain),
            "associated_data": associated,
            "nonce": nonce,
        },
    }
