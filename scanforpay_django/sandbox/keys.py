"""The platforms' key pairs, made on first use."""

import functools
import secrets
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from scanforpay_django.wallets.rsa import load_private_key, load_public_key, rsa_sign

from .models import PlatformKey


def digits(count: int) -> str:
    """``count`` random decimal digits."""
    return "".join(secrets.choice("0123456789") for _ in range(count))


def new_private_key() -> RSAPrivateKey:
    """A fresh RSA-2048 key; takes some 100 ms."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(key: RSAPrivateKey) -> str:
    """``key`` as PEM, PKCS#8, unencrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")


def public_pem(key: RSAPublicKey) -> str:
    """``key`` as PEM."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode("ascii")


# Loading a key takes some 30 ms, which is most of an answer's time.
cached_private_key = functools.lru_cache(maxsize=8)(load_private_key)
cached_public_key = functools.lru_cache(maxsize=64)(load_public_key)


def platform_key(app: str) -> PlatformKey:
    """The platform's key row. Two first users at once both get the row that was stored first."""
    found = PlatformKey.objects.filter(app=app).first()
    if found is not None:
        return found
    fresh = {"key_id": f"PUB_KEY_ID_01{digits(22)}", "private_key": private_pem(new_private_key())}
    return PlatformKey.objects.get_or_create(app=app, defaults=fresh)[0]


def platform_public_pem(app: str) -> str:
    """The PEM a merchant verifies this platform with."""
    return public_pem(cached_private_key(platform_key(app).private_key).public_key())


@dataclass(frozen=True, kw_only=True)
class Signer:
    """A platform's key, loaded: it signs without asking the database."""

    # what Wechatpay-Serial announces
    key_id: str
    key: RSAPrivateKey = field(repr=False)

    def sign(self, message: bytes) -> str:
        """The base64 signature of ``message``, SHA256 with RSA."""
        return rsa_sign(self.key, message)


def platform_signer(app: str) -> Signer:
    """The signer of this platform."""
    row = platform_key(app)
    return Signer(key_id=row.key_id, key=cached_private_key(row.private_key))
