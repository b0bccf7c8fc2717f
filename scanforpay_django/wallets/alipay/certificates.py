"""Certificate numbers as Alipay computes them.

Source: opendocs.alipay.com, "Certificate mode"; alipay-sdk-java-all AntCertificationUtil.
"""

import hashlib

from cryptography import x509
from cryptography.x509.oid import NameOID, SignatureAlgorithmOID

# The issuer as Java writes it: from the last part to the first.
_NAMES = {
    NameOID.COMMON_NAME: "CN",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.LOCALITY_NAME: "L",
    NameOID.STATE_OR_PROVINCE_NAME: "ST",
    NameOID.COUNTRY_NAME: "C",
}
_RSA = {SignatureAlgorithmOID.RSA_WITH_SHA256, SignatureAlgorithmOID.RSA_WITH_SHA1}


def _sn(certificate: x509.Certificate) -> str:
    parts = [
        f"{_NAMES[part.oid]}={part.value!s}"
        for part in reversed(list(certificate.issuer))
        if part.oid in _NAMES
    ]
    text = ",".join(parts) + str(certificate.serial_number)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def certificate_sn(pem: str) -> str:
    """MD5 of issuer and serial number of the first certificate. Raises ValueError."""
    return _sn(x509.load_pem_x509_certificates(pem.encode("ascii", "replace"))[0])


def root_sn(pem: str) -> str:
    """The numbers of the RSA-signed certificates in a bundle, joined by _. Raises ValueError."""
    bundle = x509.load_pem_x509_certificates(pem.encode("ascii", "replace"))
    return "_".join(_sn(one) for one in bundle if one.signature_algorithm_oid in _RSA)
