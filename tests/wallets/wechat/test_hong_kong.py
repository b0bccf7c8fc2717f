"""WeChat Pay global is a wallet of its own on the wire's word for WeChat Pay."""

import pytest

from scanforpay_django.exceptions import PlatformError
from scanforpay_django.wallets.registry import serving
from scanforpay_django.wallets.wechat.hong_kong import GLOBAL_TRADE_TYPES, WeChatGlobalWallet
from scanforpay_django.wallets.wechat.wallet import WeChatWallet
from tests.wallets.wechat.account import wechat_account


def test_two_wallets_serve_one_word_of_the_wire() -> None:
    assert {WeChatWallet, WeChatGlobalWallet} <= set(serving("Wechat"))


def test_its_products_have_trade_types_and_it_has_no_barcodes_and_no_bills() -> None:
    assert set(WeChatGlobalWallet.products) == set(GLOBAL_TRADE_TYPES)
    wallet = WeChatGlobalWallet(wechat_account())
    with pytest.raises(PlatformError):
        wallet.bill(None)  # type: ignore[arg-type]
    assert not WeChatGlobalWallet.barcode_pattern
