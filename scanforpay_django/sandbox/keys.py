"""The platforms' key pairs, made on first use."""

import functools
import secrets
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from scanforpay_django.wallets.rsa import load_private_key, load_public_key, rsa_sign

from .certificates import alipay_sn, hex_serial, make_certificate
from .models import Platform, PlatformKey

Kind = PlatformKey.Kind

ROOT_NAME = "Sandbox Root"


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
    """The public half of ``key`` in PEM form."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode("ascii")


# Loading a key takes some 30 ms, which is most of an answer's time.
cached_private_key = functools.lru_cache(maxsize=16)(load_private_key)
cached_public_key = functools.lru_cache(maxsize=64)(load_public_key)


def platform_key(app: str, kind: str = Kind.PUBLIC_KEY) -> PlatformKey:
    """The platform's key row. Two first users at once both get the row that was stored first."""
    found = PlatformKey.objects.filter(app=app, kind=kind).first()
    if found is not None:
        return found
    fresh = _fresh(app, kind)
    return PlatformKey.objects.get_or_create(app=app, kind=kind, defaults=fresh)[0]


def _fresh(app: str, kind: str) -> dict[str, str]:
    key = new_private_key()
    made = {"private_key": private_pem(key), "certificate": ""}
    if kind == Kind.PUBLIC_KEY:
        return {**made, "key_id": f"PUB_KEY_ID_01{digits(22)}"}
    if kind == Kind.ROOT:
        made["certificate"] = make_certificate(ROOT_NAME, key.public_key(), ROOT_NAME, key)
    else:
        made["certificate"] = certify(app, "Sandbox Platform", key.public_key())
    name = alipay_sn if app == Platform.ALIPAY else hex_serial
    return {**made, "key_id": name(made["certificate"])}


def certify(app: str, subject: str, public_key: RSAPublicKey) -> str:
    """PEM of a certificate for ``public_key``, signed by the platform's root."""
    root = platform_key(app, Kind.ROOT)
    return make_certificate(subject, public_key, ROOT_NAME, cached_private_key(root.private_key))


def platform_public_pem(app: str) -> str:
    """The PEM a merchant verifies this platform with."""
    return public_pem(cached_private_key(platform_key(app).private_key).public_key())


@dataclass(frozen=True, kw_only=True)
class Signer:
    """A platform's key, loaded: it signs without asking the database."""

    # what Wechatpay-Serial or alipay_cert_sn announces
    key_id: str
    key: RSAPrivateKey = field(repr=False)

    def sign(self, message: bytes) -> str:
        """The base64 signature of ``message``, SHA256 with RSA."""
        return rsa_sign(self.key, message)


def platform_signer(app: str, kind: str = Kind.PUBLIC_KEY) -> Signer:
    """The signer of this platform."""
    row = platform_key(app, kind)
    return Signer(key_id=row.key_id, key=cached_private_key(row.private_key))


@functools.lru_cache(maxsize=1)
def nobodys_key() -> RSAPrivateKey:
    """A key that belongs to no platform, for faults."""
    return new_private_key()
