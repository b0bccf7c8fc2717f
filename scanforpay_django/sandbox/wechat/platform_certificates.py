"""GET certificates: the platform certificate, sealed with the APIv3 key."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.views.decorators.http import require_GET

from scanforpay_django.sandbox.certificates import validity
from scanforpay_django.sandbox.keys import Kind, platform_key
from scanforpay_django.sandbox.models import Merchant
from scanforpay_django.wallets.gcm import gcm_seal

from .api import api_call
from .errors import ApiError
from .modes import Mode


@require_GET
@api_call("certificates")
def certificates(request: HttpRequest, merchant: Merchant, mode: Mode) -> Mapping[str, Any]:  # noqa: ARG001
    """What a merchant in public-key mode asks for in vain: SYSTEM_ERROR."""
    if merchant.key_mode == Merchant.KeyMode.PUBLIC_KEY:
        raise ApiError("SYSTEM_ERROR", "系统异常, 请稍后重试")
    row = platform_key(merchant.app, Kind.CERTIFICATE)
    first, last = validity(row.certificate)
    nonce, associated = secrets.token_hex(6), "certificate"
    sealed = gcm_seal(
        merchant.apiv3_key.encode(), nonce.encode(), associated.encode(), row.certificate.encode("ascii")
    )
    encrypted = {
        "algorithm": "AEAD_AES_256_GCM",
        "nonce": nonce,
        "associated_data": associated,
        "ciphertext": sealed,
    }
    one = {
        "serial_no": row.key_id,
        "effective_time": first,
        "expire_time": last,
        "encrypt_certificate": encrypted,
    }
    return {"data": [one]}
