"""Store a real account's credentials, checked and tried with one harmless call; it is on when that succeeds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from scanforpay_django import conf
from scanforpay_django.models import Store, WalletAccount
from scanforpay_django.operations.connection_test import test_connection
from scanforpay_django.wallets.registry import wallet_classes


class CredentialsInvalid(Exception):
    """What is wrong, by the credential's name; a text for people. Nothing was stored."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(faults))
        self.faults = dict(faults)


@dataclass(frozen=True, kw_only=True)
class LiveAccount:
    """What became of it."""

    account: WalletAccount
    # whether the platform accepted a call, and what it said, a text marked for translation
    works: bool
    verdict: str
    # the store's other accounts of the wallet, which were switched off in favour of this one
    replaced: list[str] = field(default_factory=list)


def find_live_account(store: Store, wallet: str) -> WalletAccount | None:
    """The store's production account of the wallet: the active one, else the newest."""
    found = WalletAccount.objects.filter(store=store, wallet=wallet, environment=conf.PRODUCTION)
    return found.order_by("-is_active", "-pk").first()


@sensitive_variables()
def store_live_account(
    store: Store, wallet: str, config: Mapping[str, str], secrets: Mapping[str, str]
) -> LiveAccount:
    """Store the credentials, and switch the account on if a call with them succeeds: it replaces the store's active
    account of the wallet, e.g. that of the sandbox. What is not given stays as it is stored.

    Calls the platform once, so call it outside a transaction. Raises CredentialsInvalid.
    """
    account = _store(store, wallet, config, secrets)
    works, verdict = test_connection(account)
    replaced = _switch_on(account) if works else []
    return LiveAccount(account=account, works=works, verdict=verdict, replaced=replaced)


@sensitive_variables()
def _store(store: Store, wallet: str, config: Mapping[str, str], secrets: Mapping[str, str]) -> WalletAccount:
    backend = wallet_classes()[wallet]
    with transaction.atomic(durable=True):
        found = find_live_account(store, wallet)
        # Locked: a new attempt waits, and then meets the account as it is stored.
        account = WalletAccount.objects.select_for_update().get(pk=found.pk) if found else None
        if account is None:
            is_taken = store.currency in backend.currencies
            currencies = store.currency if is_taken else " ".join(sorted(backend.currencies))
            account = WalletAccount(
                store=store,
                wallet=wallet,
                environment=conf.PRODUCTION,
                currencies=currencies,
                is_active=False,
            )
        all_config = {**account.config, **config}
        all_secrets = {**account.secrets(), **secrets}
        faults = dict(backend.check_credentials(all_config, all_secrets))
        before, after = backend.collecting_party(account.config), backend.collecting_party(all_config)
        if account.pk and account.payments.exists():
            text = (
                "Payments were made through this account: who collects cannot change. Make another account."
            )
            faults |= {name: text for name in after if after[name] != before[name]}
        if faults:
            raise CredentialsInvalid(faults)
        account.config = {name: value for name, value in all_config.items() if value}
        account.set_secrets(all_secrets)
        account.save()
    return account


def _switch_on(account: WalletAccount) -> list[str]:
    with transaction.atomic():
        same = WalletAccount.objects.select_for_update().filter(store=account.store, wallet=account.wallet)
        others = [one for one in same if one.is_active and one.pk != account.pk]
        for one in others:
            one.is_active = False
            one.save(update_fields=["is_active", "updated_at"])
        account.is_active = True
        account.save(update_fields=["is_active", "updated_at"])
    return [f"{one} ({one.get_environment_display()})" for one in others]
