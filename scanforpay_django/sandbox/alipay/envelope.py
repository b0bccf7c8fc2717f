"""The gateway's envelope: common parameters and RSA2 in, a signed object out.

A request signs every parameter but ``sign`` that is not empty, sign_type included, sorted, with raw values,
joined by &. An answer signs the text of its ``*_response`` object as it stands between the braces.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from scanforpay_django.sandbox.clock import read_wall_clock
from scanforpay_django.sandbox.keys import Kind, cached_public_key, platform_key, platform_signer
from scanforpay_django.sandbox.misbehave import Words, other_signature
from scanforpay_django.sandbox.models import Merchant, Platform
from scanforpay_django.sandbox.shape import is_address
from scanforpay_django.wallets.rsa import rsa_verify

from .errors import ApiError, GatewayError

REQUIRED = ("app_id", "method", "charset", "sign_type", "sign", "timestamp", "version")
EXACT = {
    "charset": ("utf-8", "UTF-8"),
    "sign_type": ("RSA2",),
    "version": ("1.0",),
    "format": ("JSON", "json", ""),
}


def parameters(request: HttpRequest) -> dict[str, str]:
    """Form and query string as one. Raises GatewayError for anything given twice."""
    # A GET has no body, but WSGI servers may give it a type all the same.
    is_form = request.content_type in ("application/x-www-form-urlencoded", "")
    if request.method == "POST" and not is_form:
        raise GatewayError("40002", "isv.invalid-content-type", "the body must be form-urlencoded")
    pairs = [
        (name, value) for source in (request.GET, request.POST) for name, v in source.lists() for value in v
    ]
    found = {name: str(value) for name, value in pairs}
    if len(found) != len(pairs):
        raise GatewayError("40002", "isv.invalid-parameter", "a parameter is given twice")
    return found


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A call: its parameters, the app that signed it and the merchant for whom it asks."""

    request: HttpRequest
    params: Mapping[str, str]
    app: Merchant
    # not the app's own merchant only where an ISV calls with an app_auth_token
    seller: Merchant


def app_of(params: Mapping[str, str]) -> Merchant:
    """The merchant whose app_id is given. Raises GatewayError."""
    if not params.get("app_id"):
        raise GatewayError("40001", "isv.missing-app-id", "app_id is missing")
    apps = Merchant.objects.filter(app=Platform.ALIPAY, provider=None)
    app = apps.filter(app_id=params["app_id"]).first()
    if app is None:
        raise GatewayError("40002", "isv.invalid-app-id", "there is no such app_id")
    return app


def find_seller(params: Mapping[str, str], app: Merchant) -> Merchant:
    """For whom ``app`` calls: itself, or the merchant that gave it the app_auth_token. Raises ApiError."""
    token = params.get("app_auth_token")
    if not token:
        return app
    seller = app.sub_merchants.select_related("provider").filter(auth_token=token).first()
    if seller is None:
        raise ApiError("20001", "aop.invalid-app-auth-token", "no such app_auth_token")
    return seller


def verify(params: Mapping[str, str], merchant: Merchant) -> None:
    """Hold the common parameters and the signature against the documents. Raises ApiError."""
    for name in REQUIRED:
        if not params.get(name):
            word = "signature" if name == "sign" else name.replace("sign_", "signature-").replace("_", "-")
            raise ApiError("40001", f"isv.missing-{word}", f"{name} is missing")
    for name, allowed in EXACT.items():
        if params.get(name, "") not in allowed and (name in params or name in REQUIRED):
            raise ApiError(
                "40002", f"isv.invalid-{name.replace('sign_', 'signature-')}", f"{name} is {params[name]}"
            )
    _check_timestamp(params["timestamp"])
    if params.get("notify_url") and not _is_notify_url(params["notify_url"]):
        raise ApiError("40002", "isv.invalid-notify-url", "notify_url must be an http or https URL")
    _check_certificates(params, merchant)
    signed = {name: value for name, value in params.items() if name != "sign" and value != ""}
    message = "&".join(f"{name}={signed[name]}" for name in sorted(signed)).encode()
    if not rsa_verify(cached_public_key(merchant.public_key), message, params["sign"]):
        raise ApiError("40002", "isv.invalid-signature", "the signature does not verify")


def _check_timestamp(text: str) -> None:
    """Its form alone.

    What is documented is the form ("isv.invalid-timestamp: check that it is yyyy-MM-dd HH:mm:ss") and no window, and
    Alipay's own clients for Python and Node.js send the local time of their host, wherever that is.
    """
    try:
        read_wall_clock(text)
    except ValueError as error:
        raise ApiError("40002", "isv.invalid-timestamp", "timestamp must be yyyy-MM-dd HH:mm:ss") from error


def _check_certificates(params: Mapping[str, str], merchant: Merchant) -> None:
    wanted = {"app_cert_sn": "", "alipay_root_cert_sn": ""}
    if merchant.uses_certificates:
        root = platform_key(Platform.ALIPAY, Kind.ROOT)
        wanted = {"app_cert_sn": merchant.serial_no, "alipay_root_cert_sn": root.key_id}
    for name, value in wanted.items():
        if params.get(name, "") != value:
            word = name.replace("_", "-")
            raise ApiError("40002", f"isv.invalid-{word}", f"{name} must be {value or 'absent'}")


def _is_notify_url(url: str) -> bool:
    return len(url) <= 256 and is_address(url, query=True)


def answer(method: str, payload: Mapping[str, Any], app: Merchant) -> HttpResponse:
    """200 with ``payload`` under the method's name, and the signature of its text."""
    # The real gateway writes \\/ for /, so a client that signs a re-made text does not verify.
    raw = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
    signer = platform_signer(Platform.ALIPAY, Kind.CERTIFICATE if app.uses_certificates else Kind.PUBLIC_KEY)
    number = f',"alipay_cert_sn":"{signer.key_id}"' if app.uses_certificates else ""
    sign = signer.sign(raw.encode())
    return _response(f'{{"{method.replace(".", "_")}_response":{raw}{number},"sign":"{sign}"}}')


def unsigned(fault: ApiError) -> HttpResponse:
    """200 with an error_response."""
    return _response(json.dumps({"error_response": fault.payload}, ensure_ascii=False))


def _response(text: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/html;charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    return response


def _spoiled(response: HttpResponse) -> HttpResponse:
    text = response.content.decode()
    response.content = re.sub(
        '"sign":"([^"]+)"}$', lambda found: f'"sign":"{other_signature(found[1])}"}}', text
    )
    return response


WORDS = Words(
    http_500=lambda: HttpResponse("<html>500 Internal Server Error</html>", status=500),
    http_429=lambda: HttpResponse("<html>429 Too Many Requests</html>", status=429),
    spoiled=_spoiled,
)
