"""A wallet account together with its wallet's class: what it can do, and the wallet that speaks for it."""

from dataclasses import dataclass
from functools import cached_property

from scanforpay_django.exceptions import AccountMissing, InvalidOrderState, PaymentsStopped, WalletDisabled
from scanforpay_django.models import Order, Store, WalletAccount, partner_cache
from scanforpay_django.wallets.base import Account, Channel, Kind, Product, Wallet
from scanforpay_django.wallets.registry import find_wallet_class, get_wallet, platform_hosts, serving


@dataclass(frozen=True, kw_only=True)
class ConfiguredWallet:
    """Made once for a request or a step of a flow, which then asks it instead of the registry."""

    account: WalletAccount
    backend: type[Wallet]

    @cached_property
    def granted(self) -> frozenset[str]:
        """The names of the products the platform has granted the account."""
        return self.backend.granted_products(self.account.grants)

    @cached_property
    def currencies(self) -> frozenset[str]:
        """What the account collects, of what its platform can."""
        return frozenset(self.account.currency_list()) & self.backend.currencies

    @cached_property
    def wallet(self) -> Wallet:
        """The wallet that speaks for the account. Raises SecretUnreadable or ImproperlyConfigured."""
        row = self.account
        hosts = platform_hosts(self.backend, row.environment)
        return get_wallet(
            Account(
                pk=row.pk,
                wallet=row.wallet,
                environment=row.environment,
                config=tuple(sorted((k, str(v)) for k, v in row.config.items())),
                secrets=tuple(sorted(row.secrets().items())),
                hosts=tuple(sorted(hosts.items())),
                currencies=row.currency_list(),
            )
        )

    def find_product(self, kind: Kind) -> str:
        """The name of a granted product of a kind, "" when there is none."""
        return next((name for name in self.backend.get_products(kind) if name in self.granted), "")

    def pick_product(self, channel: Channel, *, has_client_address: bool = True) -> str:
        """What pays in a channel: a product's name, OWN_QR, COPY_LINK or WRONG_APP; "" when nothing does.

        Without the customer's address the products that need it are left out.
        """
        products = self.backend.products
        usable = self.granted
        if not has_client_address:
            usable = frozenset(
                name for name in usable if name in products and not products[name].needs_client_address
            )
        return self.backend.pick_product(channel, usable)

    def get_product(self, name: str) -> Product | None:
        """A product by its name; None for one that the class does not have any more."""
        return self.backend.products.get(name)


def check_party(configured: ConfiguredWallet) -> None:
    """The account may have been given to another merchant since this process read it: then nothing may be collected
    with what was read. Call in the transaction of a new attempt, after its row is written: that fixes the party.

    Raises InvalidOrderState.
    """
    stored = WalletAccount.objects.values_list("config", flat=True).get(pk=configured.account.pk)
    party = configured.backend.collecting_party
    if party(stored) != party(configured.account.config):
        raise InvalidOrderState("the wallet account has changed")


def configure(account: WalletAccount) -> ConfiguredWallet:
    """The account with its class. Raises AccountMissing when its wallet is not configured any more."""
    backend = find_wallet_class(account.wallet)
    if backend is None:
        raise AccountMissing(wallet=account.wallet)
    return ConfiguredWallet(account=account, backend=backend)


def find_wallets(store: Store, wire_name: str) -> list[ConfiguredWallet]:
    """The store's active accounts that take orders of this wallet, as the wire names it. Raises PaymentsStopped where
    there are some and none of them may begin a payment.
    """
    backends = {backend.name: backend for backend in serving(wire_name)}
    found = [
        ConfiguredWallet(account=account, backend=backends[account.wallet])
        for account in partner_cache.accounts.get(store.pk)
        if account.wallet in backends
    ]
    open_still = [one for one in found if one.account.takes_payments()]
    if found and not open_still:
        raise PaymentsStopped(wallet=wire_name)
    return open_still


def find_order_wallets(order: Order) -> list[ConfiguredWallet]:
    """Through what the order's store collects now, by wallet and currency: the first account of each wallet that the
    order may be paid with, which is one unless it takes any. Raises AccountMissing.
    """
    first: dict[str, ConfiguredWallet] = {}
    for one in _collecting(order):
        first.setdefault(one.backend.wire_name(), one)
    return list(first.values())


def find_wallet(order: Order, kind: Kind) -> ConfiguredWallet:
    """The first of the store's accounts that collects for the order and has been granted the kind of product.

    Raises AccountMissing, WalletDisabled when no account has been granted the kind.
    """
    for one in _collecting(order):
        if one.find_product(kind):
            return one
    raise WalletDisabled(wallet=order.wallet)


def _collecting(order: Order) -> list[ConfiguredWallet]:
    found = [one for one in find_wallets(order.store, order.wallet) if order.currency in one.currencies]
    if not found:
        raise AccountMissing(wallet=order.wallet)
    return found
