"""From a wallet account's row to the wallet that speaks for it."""

from scanforpay_django.conf import conf
from scanforpay_django.exceptions import AccountMissing, WalletDisabled
from scanforpay_django.models import Order, Store, WalletAccount, partner_cache
from scanforpay_django.wallets.base import Account, Kind, Wallet
from scanforpay_django.wallets.registry import get_wallet, serving, wallet_class


def wallet_of(row: WalletAccount) -> Wallet:
    """The wallet of an account. Raises SecretUnreadable or ImproperlyConfigured."""
    return get_wallet(
        Account(
            pk=row.pk,
            wallet=row.wallet,
            environment=row.environment,
            config=tuple(sorted((k, str(v)) for k, v in row.config.items())),
            secrets=tuple(sorted(row.secrets().items())),
            hosts=tuple(sorted(conf.platform_hosts(row.environment, row.wallet).items())),
            currencies=row.currency_list(),
        )
    )


def backend_of(row: WalletAccount) -> type[Wallet]:
    """The class of an account's wallet: what it can do, without reading the account's secrets.

    Raises AccountMissing when it is not configured any more.
    """
    backend = wallet_class(row.wallet)
    if backend is None:
        raise AccountMissing(wallet=row.wallet)
    return backend


def accounts_for(store: Store, wire_name: str) -> list[WalletAccount]:
    """The store's active accounts that take orders of this wallet."""
    backends = {backend.name for backend in serving(wire_name)}
    return [account for account in partner_cache.accounts.get(store.pk) if account.wallet in backends]


def currencies_of(account: WalletAccount) -> set[str]:
    """What the account collects: what its row lists of what its platform can."""
    backend = wallet_class(account.wallet)
    return set(account.currency_list()) & backend.currencies if backend else set()


def product_of(account: WalletAccount, kind: Kind) -> str:
    """The account's granted product of a kind, "" when it has none."""
    backend = wallet_class(account.wallet)
    if backend is None:
        return ""
    granted = backend.granted_products(account.grants)
    found = (name for name, product in backend.products.items() if product.kind is kind and name in granted)
    return next(found, "")


def account_of(order: Order, *, kind: Kind | None = None) -> WalletAccount:
    """The account through which the order's store collects now, by wallet, currency and granted kind of product.

    Raises AccountMissing, WalletDisabled when no account has been granted the kind.
    """
    accounts = [
        account
        for account in accounts_for(order.store, order.wallet)
        if order.currency in currencies_of(account)
    ]
    if not accounts:
        raise AccountMissing(wallet=order.wallet)
    for account in accounts:
        if kind is None or product_of(account, kind):
            return account
    raise WalletDisabled(wallet=order.wallet)
