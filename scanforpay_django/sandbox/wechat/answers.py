"""WeChat's answers: signed when they are 2xx, a code and a message otherwise."""

import json
import secrets
import time
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, JsonResponse

from scanforpay_django.sandbox.keys import Signer, digits, platform_signer
from scanforpay_django.sandbox.models import App

from .errors import ApiError


def signature_headers(body: bytes, signer: Signer) -> dict[str, str]:
    """The Wechatpay-* headers over ``body``: timestamp, nonce and body are signed, each ended."""
    timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": signer.sign(f"{timestamp}\n{nonce}\n".encode() + body + b"\n"),
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        "Wechatpay-Serial": signer.key_id,
    }


def request_id(number: int) -> str:
    """What WeChat's support asks for; it ends in the fault's number, 0 for none."""
    return f"08{secrets.token_hex(12).upper()}-{number}"


def signed(payload: Mapping[str, Any] | None) -> HttpResponse:
    """200 with ``payload``, or 204 for None."""
    body = b"" if payload is None else json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    response = HttpResponse(body, status=200 if body else 204, content_type="application/json; charset=utf-8")
    for name, value in signature_headers(body, platform_signer(App.WECHAT)).items():
        response[name] = value
    response["Request-ID"] = request_id(0)
    return response


def refused(fault: ApiError) -> HttpResponse:
    """The fault's status and body. Real clients do not verify these, and nothing is signed here."""
    body: dict[str, Any] = {"code": fault.code, "message": fault.message}
    if fault.detail:
        body["detail"] = fault.detail
    response = JsonResponse(body, status=fault.status, json_dumps_params={"ensure_ascii": False})
    response["Request-ID"] = request_id(fault.number)
    return response


def new_prepay_id() -> str:
    """A prepay_id of 36 characters, ``wx`` and digits first."""
    return f"wx{digits(18)}{secrets.token_hex(8)}"
