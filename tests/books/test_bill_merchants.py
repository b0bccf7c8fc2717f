"""Merchant numbers and their accounts."""

import pytest

from scanforpay_django.books.bill_merchants import find_merchant, find_merchants
from scanforpay_django.models import Partner, Store, WalletAccount
from tests.books.platform_copy import account_of
from tests.merchant import Merchant, add_account

pytestmark = pytest.mark.django_db


def a_store(partner: Partner, number: str, **config: str) -> WalletAccount:
    store = Store.objects.create(partner=partner, store_no=number, name="x")
    return add_account(store, "Wechat", {"mchid": "1900000001", **config}, {})


def test_accounts_of_one_number_have_one_bill(merchant: Merchant) -> None:
    first = account_of(merchant.store)
    second = a_store(merchant.partner, "2", sub_mchid="1900000109")
    other = a_store(merchant.partner, "3", mchid="1900000002")
    found = find_merchant(second)
    assert found.account_ids == [first.pk, second.pk]
    assert (found.number, found.parties) == ("1900000001", {second.pk: "1900000109"})
    assert find_merchant(other).account_ids == [other.pk]


def test_an_account_without_a_number_is_alone(merchant: Merchant) -> None:
    WalletAccount.objects.update(config={})
    assert [len(one.accounts) for one in find_merchants()] == [1, 1]


def test_the_account_that_fetches_is_active_and_has_credentials(merchant: Merchant) -> None:
    first = account_of(merchant.store)
    second = a_store(merchant.partner, "2")
    assert find_merchant(first).account == first
    WalletAccount.objects.filter(pk=first.pk).update(secrets_ciphertext="")
    assert find_merchant(first).account == second


def test_environments_are_apart(merchant: Merchant) -> None:
    first, second = account_of(merchant.store), a_store(merchant.partner, "2")
    second.environment = "local_sandbox" if first.environment != "local_sandbox" else "production"
    second.save()
    assert find_merchant(first).account_ids == [first.pk]


def test_an_account_whose_wallet_is_gone_is_alone(merchant: Merchant, settings) -> None:
    account = account_of(merchant.store)
    settings.SCANFORPAY_WALLETS = {"Alipay": "scanforpay_django.wallets.alipay.wallet.AlipayWallet"}
    found = find_merchant(account)
    assert (found.account_ids, found.compared_type) == ([account.pk], None)
