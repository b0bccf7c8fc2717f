"""Alipay's products."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.wallets.alipay.wallet import AlipayWallet
from scanforpay_django.wallets.base import Payer, PaymentRequest
from tests.merchant import Merchant
from tests.platform import give_credentials
from tests.wallets.alipay.account import alipay_account


@pytest.mark.django_db(transaction=True)
def test_no_yuan_settle_dollars(merchant: Merchant) -> None:
    merchant.store.wallet_accounts.filter(wallet="Alipay").update(currencies="CNY USD")
    answer = merchant.create(wallet="Alipay", currency="USD")
    assert (answer["code"], "USD" in answer["msg"]) == (5, False)
    give_credentials(merchant)
    wallet = configure(merchant.store.wallet_accounts.get(wallet="Alipay")).wallet
    request = PaymentRequest(
        product="trade_create",
        out_trade_no="n",
        amount=2100,
        currency="JPY",
        title="t",
        notify_url="u",
        expires_at=timezone.now(),
        payer=Payer(id="1", kind="user_id"),
    )
    with pytest.raises(Exception, match="takes CNY"):
        wallet.create(request)


@pytest.mark.sqlite
def test_only_pages_opened_in_the_app_have_the_accounts_product_code() -> None:
    wallet = AlipayWallet(alipay_account(product_code="JSAPI_PAY", op_app_id="2021"))
    codes = {}
    for product in ("precreate", "trade_create"):
        request = PaymentRequest(
            product=product,
            out_trade_no="N" * 28,
            amount=1,
            currency="CNY",
            title="x",
            notify_url="https://shop.example/n",
            expires_at=datetime.now(UTC),
        )
        codes[product] = wallet._content(request)["product_code"]
    assert codes == {"precreate": "FACE_TO_FACE_PAYMENT", "trade_create": "JSAPI_PAY"}
