"""The keys that prove what WeChat Pay says."""

import base64
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from scanforpay_django import clock
from scanforpay_django.exceptions import PlatformError
from scanforpay_django.wallets.wechat.client import WeChatPayClient
from tests.merchant import Merchant
from tests.platform import WeChatNotice, accepted, give_credentials, key, merchant, open_payment, refused
from tests.wallets.wechat.account import wechat_account

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
        .not_valid_before(clock.now())
        .not_valid_after(clock.now() + timedelta(days=9))
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


def opened(sealed: str) -> str:
    oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), label=None)
    return key("wechat").decrypt(base64.b64decode(sealed), oaep).decode()


def test_a_secret_is_sealed_for_the_key_that_the_call_names() -> None:
    client = WeChatPayClient(wechat_account())
    assert opened(client.seal("张三")) == "张三"
    assert client.seal("张三") != client.seal("张三")


def test_a_secret_that_is_too_long_is_an_error() -> None:
    with pytest.raises(PlatformError, match="too long"):
        WeChatPayClient(wechat_account()).seal("x" * 300)


def test_without_a_key_of_the_platforms_nothing_is_sealed() -> None:
    with pytest.raises(PlatformError, match="no key"):
        WeChatPayClient(wechat_account(public_key="", public_key_id="")).seal("x")
