"""WeChat Pay API v3: the texts that are signed, and the sealing of notifications."""

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.views.decorators.debug import sensitive_variables


class SealBroken(ValueError):
    """A sealed resource cannot be opened with this key."""


def gcm_seal(key: bytes, nonce: bytes, associated_data: bytes, plain: bytes) -> str:
    """AES-GCM, base64, the 16-byte tag at the end."""
    return base64.b64encode(AESGCM(key).encrypt(nonce, plain, associated_data)).decode("ascii")


@sensitive_variables()
def gcm_open(key: bytes, nonce: bytes, associated_data: bytes, ciphertext: str) -> bytes:
    """The plain bytes. Raises SealBroken for a wrong key, nonce, text or tag."""
    try:
        return AESGCM(key).decrypt(nonce, base64.b64decode(ciphertext, validate=True), associated_data)
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise SealBroken("the resource does not open with this APIv3 key") from error


def request_text(method: str, path: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    """What a request's Authorization signs: five lines, each ended. ``path`` with its query, as sent."""
    head = f"{method}\n{path}\n{timestamp}\n{nonce}\n".encode()
    return head + body + b"\n"


def answer_text(timestamp: str, nonce: str, body: bytes) -> bytes:
    """What an answer's or notification's Wechatpay-Signature signs: three lines, each ended."""
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def bridge_text(app_id: str, timestamp: str, nonce: str, package: str) -> bytes:
    """What paySign signs: four lines, each ended. ``package`` is ``prepay_id=...``."""
    return f"{app_id}\n{timestamp}\n{nonce}\n{package}\n".encode()
