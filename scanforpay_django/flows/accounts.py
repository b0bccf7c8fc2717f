"""From a wallet account's row to the wallet that speaks for it."""

from scanforpay_django.conf import conf
from scanforpay_django.exceptions import AccountMissing
from scanforpay_django.models import Order, WalletAccount
from scanforpay_django.wallets import get_wallet
from scanforpay_django.wallets.base import Account, Wallet


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


def account_of(order: Order) -> WalletAccount:
    """The account through which the order's store collects now. Raises AccountMissing."""
    found = WalletAccount.objects.filter(store_id=order.store_id, wallet=order.wallet, is_active=True).first()
    if found is None:
        raise AccountMissing(wallet=order.wallet)
    return found
