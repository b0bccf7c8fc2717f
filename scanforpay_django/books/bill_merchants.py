"""Merchant numbers at platforms, and the wallet accounts that share one: a bill is of a number, not of an account."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.models import WalletAccount
from scanforpay_django.wallets.bills.bill_type import BillParties, BillType
from scanforpay_django.wallets.registry import find_wallet_class


@dataclass(frozen=True, kw_only=True)
class BillMerchant:
    """One merchant number and its accounts."""

    # wallet, environment and number
    key: str
    wallet: str
    # as people know it; "" where an account does not name one, which is then alone
    number: str
    # whose credentials fetch the bill
    account: WalletAccount
    # all of them, those that are switched off too
    accounts: tuple[WalletAccount, ...]
    # account -> what its lines name as their party; without those whose lines name none
    parties: Mapping[int, str]

    @property
    def account_ids(self) -> list[int]:
        """The keys of its accounts."""
        return [account.pk for account in self.accounts]

    @property
    def bill_types(self) -> Mapping[str, BillType]:
        """What the platform makes; empty where the wallet is no longer installed."""
        backend = find_wallet_class(self.wallet)
        return backend.bill_types if backend else {}

    @property
    def compared_type(self) -> BillType | None:
        """The kind of bill that is compared with payments: the wallet's first."""
        return next(iter(self.bill_types.values()), None)

    @property
    def is_owned(self) -> bool:
        """Whether no other system uses the number."""
        return any(account.owns_merchant_number for account in self.accounts)


def find_merchants() -> list[BillMerchant]:
    """Every merchant number, in the order of their first accounts."""
    return _group(WalletAccount.objects.select_related("store").order_by("pk"))


def find_merchant(account: WalletAccount) -> BillMerchant:
    """The merchant number of an account, with the other accounts of it."""
    same = WalletAccount.objects.filter(wallet=account.wallet, environment=account.environment)
    found = _group(same.select_related("store").order_by("pk"))
    return next(one for one in found if account.pk in one.account_ids)


def _group(accounts: Iterable[WalletAccount]) -> list[BillMerchant]:
    groups: dict[str, list[tuple[WalletAccount, BillParties]]] = defaultdict(list)
    for account in accounts:
        parties = _read_parties(account)
        groups[_make_key(account, parties)].append((account, parties))
    return [_make(key, members) for key, members in groups.items()]


def _read_parties(account: WalletAccount) -> BillParties:
    try:
        return configure(account).wallet.bill_parties()
    except (ScanForPayError, ImproperlyConfigured):
        # Its credentials cannot be read, or its wallet is gone: nothing can be fetched with it.
        return BillParties()


def _make_key(account: WalletAccount, parties: BillParties) -> str:
    number = parties.number or f"account {account.pk}"
    return f"{account.wallet}:{account.environment}:{number}"[:120]


def _make(key: str, members: list[tuple[WalletAccount, BillParties]]) -> BillMerchant:
    accounts = tuple(account for account, _parties in members)
    able = [account for account in accounts if account.secrets_ciphertext]
    active = [account for account in able if account.is_active]
    return BillMerchant(
        key=key,
        wallet=accounts[0].wallet,
        number=members[0][1].number,
        account=next(iter(active or able or accounts)),
        accounts=accounts,
        parties={account.pk: parties.own_party for account, parties in members if parties.own_party},
    )
