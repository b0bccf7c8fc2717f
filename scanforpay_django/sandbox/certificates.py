"""X.509 certificates of the sandbox's own making, and the serial numbers the platforms read from them."""

import hashlib
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.x509.oid import NameOID

from scanforpay_django import clock

LIFETIME = timedelta(days=5 * 365)


def _name(common_name: str) -> x509.Name:
    parts = (
        (NameOID.COUNTRY_NAME, "CN"),
        (NameOID.ORGANIZATION_NAME, "Sandbox"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "Sandbox CA"),
        (NameOID.COMMON_NAME, common_name),
    )
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def make_certificate(subject: str, public_key: RSAPublicKey, issuer: str, issuer_key: RSAPrivateKey) -> str:
    """PEM of a certificate for ``public_key``; self-signed where subject and issuer are one."""
    now = clock.now()
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=subject == issuer, path_length=None), critical=True)
    )
    made = builder.sign(issuer_key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _read(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode("ascii"))


def hex_serial(pem: str) -> str:
    """What WeChat calls a certificate by: its serial number in upper-case hex."""
    return f"{_read(pem).serial_number:X}"


def validity(pem: str) -> tuple[str, str]:
    """First and last moment of a certificate, as ISO 8601 in UTC."""
    certificate = _read(pem)
    return certificate.not_valid_before_utc.isoformat(), certificate.not_valid_after_utc.isoformat()


def alipay_sn(pem: str) -> str:
    """What Alipay calls a certificate by: md5 of the issuer's name, last part first, and the decimal serial."""
    certificate = _read(pem)
    issuer = ",".join(
        f"{part.rfc4514_attribute_name}={part.value!s}" for part in reversed(list(certificate.issuer))
    )
    # md5 is the platform's choice and protects nothing here
    return hashlib.md5(f"{issuer}{certificate.serial_number}".encode(), usedforsecurity=False).hexdigest()
