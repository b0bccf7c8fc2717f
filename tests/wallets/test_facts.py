"""What each wallet says of itself fits together."""

import re

import pytest

from scanforpay_django.conf import LOCAL_SANDBOX
from scanforpay_django.wallets.base import Wallet
from scanforpay_django.wallets.registry import wallet_classes

WALLETS = pytest.mark.parametrize("wallet", wallet_classes().values(), ids=lambda wallet: wallet.__name__)


@WALLETS
def test_hosts_are_reached_by_https(wallet: type[Wallet]) -> None:
    for environment, addresses in wallet.hosts.items():
        start = "{sandbox}/" if environment == LOCAL_SANDBOX else "https://"
        assert all(address.startswith(start) for address in addresses.values())


@WALLETS
def test_products_have_their_names(wallet: type[Wallet]) -> None:
    assert [product.name for product in wallet.products.values()] == list(wallet.products)
    assert set(wallet.default_grants) <= set(wallet.products)


@WALLETS
def test_words_are_written_as_they_are_looked_up(wallet: type[Wallet]) -> None:
    for codes in (wallet.error_words, wallet.refund_words, wallet.transient_codes):
        assert [code for code in codes if wallet.normalise_code(code) != code] == []


@WALLETS
def test_a_barcode_has_a_pattern_and_words_for_it(wallet: type[Wallet]) -> None:
    if wallet.barcode_pattern:
        assert re.compile(wallet.barcode_pattern)
        assert str(wallet.barcode_rule)
