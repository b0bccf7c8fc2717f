"""The keys that prove what WeChat Pay says."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.merchant import Merchant
from tests.platform import WeChatNotice, accepted, give_credentials, key, merchant, open_payment, refused

__all__ = ["merchant"]


@pytest.mark.django_db(transaction=True)
def test_a_certificate_whose_serial_begins_with_zero_is_found(merchant: Merchant) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import NameOID

    give_credentials(merchant)
    serial = "0A" + "1B" * 19
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key("wechat").public_key())
        .serial_number(int(serial, 16))
        .not_valid_before(timezone.now())
        .not_valid_after(timezone.now() + timedelta(days=9))
        .sign(key("wechat"), hashes.SHA256())
    )
    account = merchant.store.wallet_accounts.get(wallet="Wechat")
    account.config["platform_certificates"] = certificate.public_bytes(serialization.Encoding.PEM).decode()
    account.save()
    assert WeChatNotice(open_payment(merchant, "Wechat"), serial=serial).send().status_code == 200


def test_old_and_new_wechat_keys_work_side_by_side(merchant: Merchant) -> None:
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import NameOID

    from tests.platform import key

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com Root CA")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key("old").public_key())
        .serial_number(0x5DEA10EF)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=9))
        .sign(key("old"), hashes.SHA256())
    )
    account = merchant.store.wallet_accounts.get(wallet="Wechat")
    account.config["platform_certificates"] = certificate.public_bytes(serialization.Encoding.PEM).decode()
    account.save()
    old = open_payment(merchant, "Wechat")
    assert accepted("Wechat", WeChatNotice(old, signer="old", serial="5DEA10EF").send())
    new = open_payment(merchant, "Wechat")
    assert accepted("Wechat", WeChatNotice(new, event_id="EV-2").send())
    assert refused("Wechat", WeChatNotice(new, signer="old").send())
