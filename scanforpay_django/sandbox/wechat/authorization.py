"""Who calls: the Authorization header of API v3, verified over the request as it came.

The text that is signed is METHOD, target, timestamp, nonce and body, each ended by a line feed; the target is
path and query exactly as sent, the whole path, also where the API is mounted below a prefix.
"""

import re
import time

from django.http import HttpRequest

from scanforpay_django.sandbox.keys import Kind, cached_public_key, platform_key
from scanforpay_django.sandbox.models import Merchant
from scanforpay_django.wallets.rsa import rsa_verify

from .errors import ApiError

SCHEME = "WECHATPAY2-SHA256-RSA2048"
CLOCK_SKEW_SECONDS = 300
FIELDS = {"mchid", "nonce_str", "timestamp", "serial_no", "signature"}

# A space after a comma is not in the documents, so it is not accepted.
_HEADER = re.compile(rf'{SCHEME} ([a-z_]+="[^"]*"(?:,[a-z_]+="[^"]*"){{4}})')
_PAIR = re.compile(r'([a-z_]+)="([^"]*)"')


def verify(request: HttpRequest, app: str, *, wants_json: bool = True) -> Merchant:
    """The merchant of platform ``app`` that signed ``request``. Raises ApiError."""
    _check_headers(request, wants_json)
    fields = _fields(request.headers.get("Authorization", ""))
    merchant = Merchant.objects.filter(app=app, number=fields["mchid"], provider=None).first()
    if merchant is None or merchant.serial_no.upper() != fields["serial_no"].upper():
        raise ApiError("SIGN_ERROR", "No such merchant, or not its certificate serial number.")
    _check_serial(request, merchant)
    if abs(time.time() - int(fields["timestamp"])) > CLOCK_SKEW_SECONDS:
        raise ApiError("SIGN_ERROR", "The timestamp is more than five minutes off.")
    head = f"{request.method}\n{raw_target(request)}\n{fields['timestamp']}\n{fields['nonce_str']}\n"
    message = head.encode() + request.body + b"\n"
    if not rsa_verify(cached_public_key(merchant.public_key), message, fields["signature"]):
        raise ApiError(
            "SIGN_ERROR", "The signature does not verify.", {"sign_information": {"method": request.method}}
        )
    return merchant


def _check_headers(request: HttpRequest, wants_json: bool) -> None:
    if wants_json and not _takes_json(request.headers.get("Accept", "")):
        raise ApiError("PARAM_ERROR", "The Accept header must be application/json.")
    if not request.headers.get("User-Agent"):
        raise ApiError("PARAM_ERROR", "A User-Agent header is required.")
    if request.method == "POST" and request.content_type != "application/json":
        raise ApiError("PARAM_ERROR", "The Content-Type header must be application/json.")


def _takes_json(accept: str) -> bool:
    """Whether one of the header's media ranges takes JSON.

    pay.weixin.qq.com/doc/v3 "basic rules" asks for ``application/json``; the platform's own wechatpay-go sends ``*/*``
    and wechatpay-axios-plugin a list, and both are answered.
    """
    ranges = {one.partition(";")[0].strip().lower() for one in accept.split(",")}
    return bool(ranges & {"application/json", "application/*", "*/*"})


def _check_serial(request: HttpRequest, merchant: Merchant) -> None:
    serial = request.headers.get("Wechatpay-Serial")
    if serial is None or serial == platform_key(merchant.app).key_id:
        return
    # A merchant that has a public key from the start knows no certificate.
    known = "" if merchant.key_mode == Merchant.KeyMode.PUBLIC_KEY else _certificate_serial(merchant)
    if serial.upper() == known:
        return
    raise ApiError("PARAM_ERROR", "Wechatpay-Serial is no key of this platform.")


def _certificate_serial(merchant: Merchant) -> str:
    return platform_key(merchant.app, Kind.CERTIFICATE).key_id


def _fields(header: str) -> dict[str, str]:
    found = _HEADER.fullmatch(header)
    fields = dict(_PAIR.findall(found.group(1))) if found else {}
    if set(fields) != FIELDS:
        raise ApiError("SIGN_ERROR", f"The Authorization header is not {SCHEME} with its five fields.")
    if not re.fullmatch(r"[0-9]{10}", fields["timestamp"]) or not 1 <= len(fields["nonce_str"]) <= 32:
        raise ApiError("SIGN_ERROR", "The timestamp must be in seconds and the nonce 1 to 32 characters.")
    return fields


def raw_target(request: HttpRequest) -> str:
    """Path and query as they stood in the request line, percent-encoding and all.

    WSGI hands on a decoded path; servers that keep the line give it as RAW_URI or REQUEST_URI, ASGI as
    raw_path. Elsewhere (runserver, tests) Django's re-encoding is the best there is: it is the same for every
    path whose author encoded no more than needed.
    """
    line = request.META.get("RAW_URI") or request.META.get("REQUEST_URI")
    if line:
        return re.sub(r"^https?://[^/]*", "", str(line))
    raw_path = getattr(request, "scope", {}).get("raw_path")
    if raw_path:
        query = request.META.get("QUERY_STRING", "")
        return str(raw_path, "ascii") + (f"?{query}" if query else "")
    return request.get_full_path()
