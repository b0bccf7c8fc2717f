"""RSA primitives both platforms use: SHA256 with RSA, PKCS#1 v1.5, base64 on one line."""

import base64
import binascii
import textwrap

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from django.views.decorators.debug import sensitive_variables


@sensitive_variables()
def _pem(text: str, label: str) -> bytes:
    """``text`` as PEM: the platforms' consoles hand out bare base64."""
    text = text.strip()
    if not text.startswith("-----"):
        body = "\n".join(textwrap.wrap("".join(text.split()), 64))
        text = f"-----BEGIN {label}-----\n{body}\n-----END {label}-----"
    return (text + "\n").encode("ascii", "replace")


@sensitive_variables()
def load_private_key(text: str) -> RSAPrivateKey:
    """An RSA private key from PEM (PKCS#1 or PKCS#8) or bare base64. Raises ValueError. Takes about 30 ms."""
    labels = ("PRIVATE KEY", "RSA PRIVATE KEY")
    for label in labels:
        try:
            key = serialization.load_pem_private_key(_pem(text, label), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
        if isinstance(key, RSAPrivateKey):
            return key
    raise ValueError("not an RSA private key in PEM form")


def load_public_key(text: str) -> RSAPublicKey:
    """An RSA public key from a PEM key, a PEM certificate or bare base64. Raises ValueError."""
    try:
        if "BEGIN CERTIFICATE" in text:
            key: object = x509.load_pem_x509_certificate(_pem(text, "CERTIFICATE")).public_key()
        else:
            key = serialization.load_pem_public_key(_pem(text, "PUBLIC KEY"))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("not a public key or certificate in PEM form") from error
    if not isinstance(key, RSAPublicKey):
        raise ValueError("not an RSA key")
    return key


def rsa_sign(key: RSAPrivateKey, message: bytes) -> str:
    """The base64 signature of ``message``."""
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode("ascii")


@sensitive_variables()
def rsa_seal(key: RSAPublicKey, text: str) -> str:
    """``text`` for the owner of the private key alone, base64: RSA with OAEP and SHA-1. Raises ValueError where it is
    longer than the key can take, 214 bytes of 2,048 bits.

    Source: pay.weixin.qq.com/doc/v3/merchant/4013053257, "RSAES-OAEP"; SHA-1 as in the official SDKs.
    """
    # SHA-1 is what the platform prescribes; in OAEP its collisions do no harm.
    oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), label=None)  # noqa: S303
    return base64.b64encode(key.encrypt(text.encode(), oaep)).decode("ascii")


def rsa_verify(key: RSAPublicKey, message: bytes, signature: str) -> bool:
    """Whether the base64 ``signature`` over ``message`` is this key's. Bad base64 is False, not an error."""
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    try:
        key.verify(raw, message, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True
