"""When an account's certificates end."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from scanforpay_django.models import WalletAccount
from scanforpay_django.models.certificate_ends import find_end
from tests.rows import Rows

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def certificate(days: int) -> str:
    """A PEM that ends so many days after NOW."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    made = x509.CertificateBuilder(
        issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=7,
        not_valid_before=NOW - timedelta(days=900), not_valid_after=NOW + timedelta(days=days),
    )  # fmt: skip
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def test_the_first_that_has_no_successor_counts() -> None:
    ends = {days: NOW + timedelta(days=days) for days in (-5, 10, 90)}
    pem = {days: certificate(days) for days in ends}
    for config, expected in (
        ({}, None),
        ({"mchid": "190000", "number": 7, "certificate": None}, None),
        ({"certificate": pem[90]}, ends[90]),
        # the platform's next certificate stands beside the present one
        ({"platform_certificates": pem[-5] + pem[90], "certificate": pem[10]}, ends[10]),
        ({"platform_certificates": f"{pem[10]}\n{pem[90]}"}, ends[90]),
        ({"root_certificates": pem[-5], "app_certificate": pem[90]}, ends[90]),
        ({"certificate": "-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----"}, None),
    ):
        assert find_end(config) == expected, config


@pytest.mark.django_db
def test_it_is_kept_with_the_account(rows: Rows) -> None:
    account = WalletAccount.objects.create(store=rows.store(), wallet="Wechat")
    assert account.certificates_end_at is None
    account.config = {"certificate": certificate(10)}
    account.save(update_fields=["config"])
    account.refresh_from_db()
    assert account.certificates_end_at == NOW + timedelta(days=10)
    account.config = {}
    account.save()
    account.refresh_from_db()
    assert account.certificates_end_at is None
