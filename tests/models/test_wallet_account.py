"""A store's account at a wallet's platform."""

import pytest
from django.db import IntegrityError, transaction

from scanforpay_django.models import WalletAccount
from tests.merchant import Merchant, add_account


def test_secrets_are_encrypted_and_read_back(merchant: Merchant) -> None:
    account = merchant.store.wallet_accounts.get(wallet="Wechat")
    account.set_secrets({"apiv3_key": "a-secret"})
    account.save()
    account.refresh_from_db()
    assert "a-secret" not in account.secrets_ciphertext
    assert account.secrets() == {"apiv3_key": "a-secret"}


def test_currencies_are_read_however_they_are_separated() -> None:
    assert WalletAccount(currencies="cny, HKD usd").currency_list() == ("CNY", "HKD", "USD")


def test_a_store_has_one_active_account_for_a_wallet(merchant: Merchant) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        add_account(merchant.store, "Wechat", {}, {})
    merchant.store.wallet_accounts.filter(wallet="Wechat").update(is_active=False)
    add_account(merchant.store, "Wechat", {}, {})
