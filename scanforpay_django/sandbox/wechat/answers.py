"""WeChat's answers: signed when they are 2xx, a code and a message otherwise."""

import json
import secrets
import time
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from scanforpay_django.sandbox.keys import Kind, Signer, digits, platform_signer
from scanforpay_django.sandbox.misbehave import Words, other_signature
from scanforpay_django.sandbox.models import Merchant

from .errors import ApiError


def signature_headers(body: bytes, signer: Signer, *, age_seconds: int = 0) -> dict[str, str]:
    """The Wechatpay-* headers over ``body``: timestamp, nonce and body are signed, each ended."""
    timestamp, nonce = str(int(time.time()) - age_seconds), secrets.token_hex(16)
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


def signer_for(request: HttpRequest, merchant: Merchant) -> Signer:
    """Who signs the answer: the one key there is, or during migration the one Wechatpay-Serial asks for."""
    public = platform_signer(merchant.app)
    asked = request.headers.get("Wechatpay-Serial") == public.key_id
    if merchant.key_mode == Merchant.KeyMode.PUBLIC_KEY:
        return public
    if merchant.key_mode == Merchant.KeyMode.MIGRATION and asked:
        return public
    return platform_signer(merchant.app, Kind.CERTIFICATE)


class Accepted(dict[str, Any]):
    """What is answered with 202: accepted, and not done yet."""


def signed(payload: Mapping[str, Any] | None, signer: Signer) -> HttpResponse:
    """200 with ``payload``, 202 where it is Accepted, or 204 for None."""
    body = b"" if payload is None else json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    status = 202 if isinstance(payload, Accepted) else 200
    response = HttpResponse(
        body, status=status if body else 204, content_type="application/json; charset=utf-8"
    )
    for name, value in signature_headers(body, signer).items():
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


def _spoiled(response: HttpResponse) -> HttpResponse:
    if response.has_header("Wechatpay-Signature"):
        response["Wechatpay-Signature"] = other_signature(response["Wechatpay-Signature"])
    return response


WORDS = Words(
    http_500=lambda: refused(ApiError("SYSTEM_ERROR", "系统异常, 请稍后重试")),
    http_429=lambda: refused(ApiError("FREQUENCY_LIMITED", "频率限制")),
    spoiled=_spoiled,
)


def new_prepay_id() -> str:
    """A prepay_id of 36 characters, ``wx`` and digits first."""
    return f"wx{digits(18)}{secrets.token_hex(8)}"
