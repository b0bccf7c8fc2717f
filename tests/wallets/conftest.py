"""Every backend with an account at the sandbox, over loopback HTTP."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.models import Order, Payment, WalletAccount
from scanforpay_django.sandbox.testing import Sandbox
from scanforpay_django.wallets.base import Wallet
from tests.merchant import Merchant, seed_merchant


@dataclass(frozen=True)
class Setup:
    """One kind of account, and how its orders are paid."""

    make: Callable[[Sandbox, Any], WalletAccount]
    # as the wire names it
    wallet: str
    currency: str
    # where the customer opens the page
    app: str
    # whether the platform can be told to close
    closes: bool = True
    # whether the answer about one refund tells its amount
    tells_refund_amounts: bool = True
    # what is fetched, "" where there is no API for bills
    bill_type: str = "trade"


def sub_signed_in(sandbox: Sandbox, store: Any) -> WalletAccount:
    """A service provider's merchant whose own service account signs customers in."""
    account = sandbox.wechat_account(store, partner=True)
    account.config = {**account.config, "openid_of": "sub"}
    account.save()
    return account


SETUPS = {
    "wechat": Setup(lambda s, store: s.wechat_account(store), "Wechat", "CNY", "wechat"),
    "wechat-certificate": Setup(
        lambda s, store: s.wechat_account(store, key_mode="certificate"), "Wechat", "CNY", "wechat"
    ),
    "wechat-migration": Setup(
        lambda s, store: s.wechat_account(store, key_mode="migration"), "Wechat", "CNY", "wechat"
    ),
    "wechat-partner": Setup(lambda s, store: s.wechat_account(store, partner=True), "Wechat", "CNY", "wechat"),
    "wechat-partner-sub": Setup(lambda s, store: sub_signed_in(s, store), "Wechat", "CNY", "wechat"),
    "wechat-h5": Setup(lambda s, store: s.wechat_account(store, grants="jsapi h5"), "Wechat", "CNY", "browser"),
    "wechat-global": Setup(
        lambda s, store: s.wechat_global_account(store), "Wechat", "HKD", "wechat",
        bill_type="statement",
    ),
    "wechat-global-institution": Setup(
        lambda s, store: s.wechat_global_account(store, institution=True), "Wechat", "HKD", "wechat",
        bill_type="statement",
    ),
    "wechat-global-h5": Setup(
        lambda s, store: s.wechat_global_account(store, grants="jsapi h5"), "Wechat", "HKD", "browser",
        bill_type="statement",
    ),
    "alipay": Setup(lambda s, store: s.alipay_account(store), "Alipay", "CNY", "alipay"),
    "alipay-certificates": Setup(
        lambda s, store: s.alipay_account(store, certificates=True), "Alipay", "CNY", "alipay"
    ),
    "alipay-open-id": Setup(lambda s, store: s.alipay_account(store, open_id_only=True), "Alipay", "CNY", "alipay"),
    "alipay-isv": Setup(lambda s, store: s.alipay_account(store, isv=True), "Alipay", "CNY", "alipay"),
    "alipay-wap": Setup(
        lambda s, store: s.alipay_account(store, grants="trade_create wap"), "Alipay", "CNY", "browser"
    ),
    "alipay-global": Setup(
        lambda s, store: s.alipay_global_account(store, wallet="AlipayGlobal"),
        "Alipay", "HKD", "alipay", closes=False, tells_refund_amounts=False, bill_type="",
    ),
    "alipay-hk": Setup(
        lambda s, store: s.alipay_global_account(store),
        "AlipayHK", "HKD", "alipayhk", closes=False, tells_refund_amounts=False, bill_type="",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Till:
    """A merchant, one account, and the sandbox."""

    setup: Setup
    merchant: Merchant
    account: WalletAccount
    sandbox: Sandbox

    @property
    def wallet(self) -> Wallet:
        """The wallet that speaks for the account."""
        return configure(self.account).wallet

    def order(self, **changes: Any) -> Order:
        """An order this account collects."""
        made = self.merchant.create(wallet=self.setup.wallet, currency=self.setup.currency, **changes)
        assert made["code"] == 1, made
        return Order.objects.select_related("store", "partner").get(order_no=made["orderNo"])

    def pay(self, order: Order, **kwargs: Any) -> str:
        """A customer pays; what the page says in the end."""
        url = f"{self.sandbox.url.removesuffix('/sandbox')}/api/jspay/pay/{order.token}"
        return self.sandbox.pay(url, as_=self.setup.app, **kwargs).state

    def paid(self) -> Payment:
        """The payment of an order that was paid just now."""
        order = self.order()
        assert self.pay(order) == "paid"
        return order.payments.select_related("account", "order").get(is_applied=True)


@pytest.fixture
def till_of(scanforpay_sandbox: Sandbox) -> Callable[[str], Till]:
    """Makes a till of one setup."""

    def make(name: str) -> Till:
        merchant = seed_merchant()
        merchant.store.wallet_accounts.update(is_active=False)
        account = SETUPS[name].make(scanforpay_sandbox, merchant.store)
        return Till(SETUPS[name], merchant, account, scanforpay_sandbox)

    return make


@pytest.fixture(params=SETUPS)
def till(request: pytest.FixtureRequest, till_of: Callable[[str], Till]) -> Till:
    """Every setup in turn."""
    return till_of(request.param)
