"""AES-256-GCM, with which WeChat Pay API v3 seals notifications and platform certificates."""

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
