"""Wallet accounts in the admin."""

import pytest
from cryptography.fernet import Fernet
from django.test import Client

from scanforpay_django.models import WalletAccount
from tests.admin.pages import url
from tests.merchant import Merchant, add_account
from tests.platform import (
    APIV3_KEY,
    WECHAT_CONFIG,
    AlipayNotice,
    WeChatNotice,
    accepted,
    give_credentials,
    open_payment,
    private_pem,
    public_pem,
)


def test_an_account_is_made_in_two_steps(merchant: Merchant, staff: Client) -> None:
    WalletAccount.objects.filter(wallet="Wechat").delete()
    first = {
        "store": merchant.store.pk, "wallet": "Wechat", "name": "main", "environment": "production",
        "currencies": "CNY",
    }  # fmt: skip
    answer = staff.post(url(WalletAccount, "add"), first)
    account = WalletAccount.objects.get(name="main")
    assert answer.headers["Location"] == url(WalletAccount, "change", account.pk)
    second = {
        "name": "main", "currencies": "CNY", "is_active": "on", **WECHAT_CONFIG, "public_key": public_pem("wechat"),
        "private_key": private_pem("merchant"), "apiv3_key": APIV3_KEY, "app_secret": "app-secret-1",
    }  # fmt: skip
    bad = staff.post(answer.headers["Location"], {**second, "private_key": "nonsense", "apiv3_key": "short"})
    assert "not an RSA private key" in bad.content.decode()
    assert "32 bytes" in bad.content.decode()
    assert staff.post(answer.headers["Location"], second).status_code == 302
    account.refresh_from_db()
    assert account.secrets()["app_secret"] == "app-secret-1"
    assert "app-secret-1" not in account.secrets_ciphertext
    # Left empty, the secrets stay.
    staff.post(answer.headers["Location"], {**second, "private_key": "", "apiv3_key": "", "app_secret": ""})
    account.refresh_from_db()
    assert account.secrets()["apiv3_key"] == APIV3_KEY


# The platforms' consoles offer keys of China's own standard, SM2, beside RSA's; openssl makes them.
SM2_KEY = (
    "MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQgAu5MauTBhIT1UNNmu8+OtKk2K7/ztpba3f0RHbPX6P"
    "KhRANCAARDwwbAWOBp2mzdXDHBrOUdnQBkdM2OJcXeUqDYVPQDGVGgA2TrzLywFjB/A4B7bY55p7BwNfAqMlHjZM7U"
    "oj4H"
)

SM2_CERTIFICATE = (
    "MIIBbTCCAROgAwIBAgIUZSiK+9GbVz98qDOXAnh69RF/2kUwCgYIKoEcz1UBg3UwDDEKMAgGA1UEAwwBeDAeFw0yNj"
    "ExMjUwMjU0MDlaFw0zNjExMjIwMjU0MDlaMAwxCjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqgRzPVQGCLQNCAARD"
    "wwbAWOBp2mzdXDHBrOUdnQBkdM2OJcXeUqDYVPQDGVGgA2TrzLywFjB/A4B7bY55p7BwNfAqMlHjZM7Uoj4Ho1MwUT"
    "AdBgNVHQ4EFgQUCOZ8SMVOYyG76X66zTflpHILdycwHwYDVR0jBBgwFoAUCOZ8SMVOYyG76X66zTflpHILdycwDwYD"
    "VR0TAQH/BAUwAwEB/zAKBggqgRzPVQGDdQNIADBFAiEA1W4yOmCSzKaCMbW5A99fqDm4Exc8hpT8k7u53DqsSykCIH"
    "bwhRWgL/QaMyL39nBBUYB5bvQhlvQU8J5Hz4H5n53D"
)


@pytest.mark.parametrize(
    ("field", "given", "said"),
    [
        ("private_key", SM2_KEY, "not an RSA private key"),
        (
            "certificate",
            f"-----BEGIN CERTIFICATE-----\n{SM2_CERTIFICATE}\n-----END CERTIFICATE-----",
            "not a certificate",
        ),
        (
            "platform_certificates",
            f"-----BEGIN CERTIFICATE-----\n{SM2_CERTIFICATE}\n-----END CERTIFICATE-----",
            "not a certificate",
        ),
    ],
)
def test_keys_of_another_standard_are_refused_in_words(
    merchant: Merchant, staff: Client, field: str, given: str, said: str
) -> None:
    account = WalletAccount.objects.get(wallet="Wechat")
    form = {
        "name": "main", "currencies": "CNY", "is_active": "on", **WECHAT_CONFIG, "public_key": public_pem("wechat"),
        "private_key": private_pem("merchant"), "apiv3_key": APIV3_KEY, "app_secret": "app-secret-1",
    }  # fmt: skip
    bad = staff.post(url(WalletAccount, "change", account.pk), {**form, field: given})
    assert said in bad.content.decode()


def change_form(account: WalletAccount, **changes: str) -> dict[str, str]:
    """What staff send who change something on the account's page."""
    fields = {
        "name": "main",
        "currencies": account.currencies,
        "is_active": "on",
        **account.config,
        **changes,
    }
    return {name: value for name, value in fields.items() if value}


OTHERS = [
    ("Wechat", WeChatNotice, {"mchid": "1900000099"}),
    ("Wechat", WeChatNotice, {"appid": "wx0099"}),
    ("Wechat", WeChatNotice, {"sub_mchid": "1900000098"}),
    ("Alipay", AlipayNotice, {"app_id": "2021000000000099"}),
    ("Alipay", AlipayNotice, {"seller_id": "2088000000000099"}),
]


@pytest.mark.parametrize(("wallet", "notice", "other"), OTHERS, ids=lambda value: str(value)[:40])
def test_who_collects_stays_once_an_attempt_was_made(
    merchant: Merchant, staff: Client, wallet: str, notice: type, other: dict[str, str]
) -> None:
    """Replaced in place, the money would go to the old merchant and its notification be refused."""
    give_credentials(merchant)
    account = merchant.store.wallet_accounts.get(wallet=wallet)
    page = url(WalletAccount, "change", account.pk)
    payment = open_payment(merchant, wallet)
    answer = staff.post(page, change_form(account, **other))
    assert answer.status_code == 200
    assert "add another account" in answer.content.decode()
    account.refresh_from_db()
    assert not set(other.items()) <= set(account.config.items())
    assert accepted(wallet, notice(payment).send())


def test_before_the_first_attempt_everything_may_be_changed(merchant: Merchant, staff: Client) -> None:
    give_credentials(merchant)
    account = merchant.store.wallet_accounts.get(wallet="Wechat")
    answer = staff.post(url(WalletAccount, "change", account.pk), change_form(account, mchid="1900000099"))
    assert answer.status_code == 302
    account.refresh_from_db()
    assert account.config["mchid"] == "1900000099"


def test_keys_rotate_in_place_after_payments(merchant: Merchant, staff: Client) -> None:
    give_credentials(merchant)
    account = merchant.store.wallet_accounts.get(wallet="Wechat")
    open_payment(merchant, "Wechat")
    new = change_form(account, public_key=public_pem("wechat-2"), public_key_id="PUB_KEY_ID_02")
    assert staff.post(url(WalletAccount, "change", account.pk), new).status_code == 302
    account.refresh_from_db()
    assert account.config["public_key_id"] == "PUB_KEY_ID_02"


def test_the_old_account_is_used_for_its_payments_after_it_was_replaced(
    merchant: Merchant, staff: Client
) -> None:
    give_credentials(merchant)
    old = merchant.store.wallet_accounts.get(wallet="Wechat")
    payment = open_payment(merchant, "Wechat")
    WalletAccount.objects.filter(pk=old.pk).update(is_active=False)
    add_account(merchant.store, "Wechat", {**old.config, "mchid": "1900000099"}, old.secrets())
    assert accepted("Wechat", WeChatNotice(payment).send())
    payment.refresh_from_db()
    assert (payment.state, payment.order.state) == ("paid", "paid")


@pytest.mark.parametrize("more", [{}, {"is_active": "on"}])
def test_an_account_whose_wallet_is_not_configured_any_more_keeps_what_it_has(
    merchant: Merchant, staff: Client, settings, more: dict
) -> None:
    give_credentials(merchant)
    account = merchant.store.wallet_accounts.get(wallet="Wechat")
    config, secrets = account.config, account.secrets()
    settings.SCANFORPAY_WALLETS = {"Alipay": "scanforpay_django.wallets.alipay.wallet.AlipayWallet"}
    form = {"name": "old", "currencies": "CNY", "grants": "", **more}
    assert staff.post(url(WalletAccount, "change", account.pk), form).status_code == 302
    account.refresh_from_db()
    assert (account.name, account.config, account.secrets()) == ("old", config, secrets)


@pytest.mark.parametrize("is_configured", [True, False])
def test_secrets_that_cannot_be_read_now_are_not_thrown_away(
    merchant: Merchant, staff: Client, settings, is_configured: bool
) -> None:
    give_credentials(merchant)
    account = merchant.store.wallet_accounts.get(wallet="Alipay")
    secrets, keys = account.secrets(), settings.SCANFORPAY_ENCRYPTION_KEYS
    settings.SCANFORPAY_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    if not is_configured:
        settings.SCANFORPAY_WALLETS = {"Wechat": "scanforpay_django.wallets.wechat.wallet.WeChatWallet"}
    form = {"name": "old", "currencies": "CNY", "grants": "", **account.config}
    staff.post(url(WalletAccount, "change", account.pk), form)
    settings.SCANFORPAY_ENCRYPTION_KEYS = keys
    account.refresh_from_db()
    assert account.secrets() == secrets
