"""Storing a real account's credentials."""

from typing import Any

import pytest

from scanforpay_django.models import WalletAccount
from scanforpay_django.operations.set_up.live_account import (
    CredentialsInvalid,
    find_live_account,
    store_live_account,
)
from scanforpay_django.sandbox.merchants import issue_alipay_credentials
from tests.house import house, merchant
from tests.merchant import Merchant

__all__ = ["house", "merchant"]
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture(autouse=True)
def platforms(house: str, settings: Any) -> None:
    gateway = {"gateway": f"{house}/sandbox/alipay/gateway.do"}
    settings.SCANFORPAY_PLATFORM_HOSTS = {"production": {"Alipay": gateway}}


def test_it_is_on_when_the_platform_accepts_it(merchant: Merchant) -> None:
    config, secrets = issue_alipay_credentials()
    made = store_live_account(merchant.store, "Alipay", config, secrets)
    assert made.works
    active = WalletAccount.objects.get(store=merchant.store, wallet="Alipay", is_active=True)
    assert active == made.account == find_live_account(merchant.store, "Alipay")
    assert len(made.replaced) == 1
    # Another store's and another wallet's accounts stay as they are.
    assert WalletAccount.objects.get(store=merchant.store, wallet="Wechat").is_active


def test_a_new_key_that_is_wrong_changes_nothing_of_an_account_in_use(merchant: Merchant) -> None:
    config, secrets = issue_alipay_credentials()
    store_live_account(merchant.store, "Alipay", config, secrets)
    _other, wrong = issue_alipay_credentials()
    made = store_live_account(merchant.store, "Alipay", {}, wrong)
    assert not made.works
    kept = find_live_account(merchant.store, "Alipay")
    assert (kept.is_active, kept.secrets()) == (True, secrets)


def test_secrets_whose_encryption_key_is_gone_are_given_anew(merchant: Merchant) -> None:
    config, secrets = issue_alipay_credentials()
    store_live_account(merchant.store, "Alipay", config, secrets)
    WalletAccount.objects.filter(environment="production").update(secrets_ciphertext="gAAAAAbroken")
    with pytest.raises(CredentialsInvalid):
        store_live_account(merchant.store, "Alipay", {}, {})
    assert store_live_account(merchant.store, "Alipay", {}, secrets).works


@pytest.mark.parametrize("given", [{}, {"app_id": "x"}])
def test_what_is_wrong_is_named_and_nothing_is_stored(merchant: Merchant, given: dict[str, str]) -> None:
    with pytest.raises(CredentialsInvalid) as raised:
        store_live_account(merchant.store, "Alipay", given, {})
    assert "private_key" in raised.value.faults
    assert find_live_account(merchant.store, "Alipay") is None
