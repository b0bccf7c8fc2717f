"""Store a real account's credentials, checked and tried with one harmless call; it is on when that succeeds."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from scanforpay_django import conf
from scanforpay_django.exceptions import SecretUnreadable
from scanforpay_django.models import Store, WalletAccount
from scanforpay_django.models.database import atomic
from scanforpay_django.operations.connection_test import test_connection
from scanforpay_django.operations.set_up.check_account import keep_connection
from scanforpay_django.wallets.registry import wallet_classes

PARTY_IS_FIXED = _(
    "Payments were made through this account: who collects cannot change. Make another account in admin."
)
NOT_CONFIGURED = _("This wallet is not configured any more.")


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
def read_stored_secrets(account: WalletAccount | None) -> dict[str, str]:
    """The account's stored secrets; none where there are none, or where their key is gone: they are given anew."""
    try:
        return account.secrets() if account else {}
    except SecretUnreadable:
        return {}


@sensitive_variables()
def store_live_account(
    store: Store,
    wallet: str,
    config: Mapping[str, str],
    secrets: Mapping[str, str],
    *,
    grants: Collection[str] | None = None,
) -> LiveAccount:
    """Try the credentials with one call, store them, and switch the account on if the call succeeds: it replaces the
    store's active account of the wallet, e.g. that of the sandbox. What is not given stays as it is stored.

    Of an account that is in use nothing is changed unless the call succeeds. ``grants``: the products that the platform
    has granted. Call it outside a transaction. Raises CredentialsInvalid.
    """
    backend = wallet_classes()[wallet]
    known = find_live_account(store, wallet)
    is_taken = store.currency in backend.currencies
    candidate = WalletAccount(
        store=store,
        wallet=wallet,
        environment=conf.PRODUCTION,
        currencies=store.currency if is_taken else " ".join(sorted(backend.currencies)),
        config={
            name: value for name, value in {**(known.config if known else {}), **config}.items() if value
        },
        grants=(known.grants if known else "") if grants is None else " ".join(grants),
    )
    all_secrets = {**read_stored_secrets(known), **secrets}
    if faults := dict(backend.check_credentials(candidate.config, all_secrets)):
        raise CredentialsInvalid(faults)
    candidate.set_secrets(all_secrets)
    works, verdict = test_connection(candidate)
    account, replaced = _store(candidate, known, works=works)
    if works or not account.is_active:
        keep_connection(account, works, verdict)
    return LiveAccount(account=account, works=works, verdict=verdict, replaced=replaced)


def _store(
    candidate: WalletAccount, known: WalletAccount | None, *, works: bool
) -> tuple[WalletAccount, list[str]]:
    with atomic(durable=True):
        # Two that are entered at once: the second replaces the first.
        Store.objects.select_for_update().get(pk=candidate.store_id)
        # Locked: a new attempt waits, and then meets the account as it is stored.
        account = WalletAccount.objects.select_for_update().get(pk=known.pk) if known else candidate
        if known:
            _check_party(account, candidate)
            if account.is_active and not works:
                return account, []
            account.config, account.secrets_ciphertext = candidate.config, candidate.secrets_ciphertext
            account.grants = candidate.grants
        account.is_active = account.is_active and works and known is not None
        account.save()
        return account, _switch_on(account) if works else []


def _check_party(account: WalletAccount, candidate: WalletAccount) -> None:
    party = wallet_classes()[account.wallet].collecting_party
    before, after = party(account.config), party(candidate.config)
    changed = [name for name in after if after[name] != before[name]]
    if changed and account.payments.exists():
        raise CredentialsInvalid(dict.fromkeys(changed, str(PARTY_IS_FIXED)))


def switch_on(account: WalletAccount) -> list[str]:
    """Have the store collect through the account, in the place of its active one of the same wallet. Those that were
    switched off, for people. Raises CredentialsInvalid.
    """
    with atomic():
        Store.objects.select_for_update().get(pk=account.store_id)
        locked = WalletAccount.objects.select_for_update().select_related("store").get(pk=account.pk)
        backend = wallet_classes().get(locked.wallet)
        faults = backend.check_credentials(locked.config, read_stored_secrets(locked)) if backend else {}
        if backend is None or faults:
            raise CredentialsInvalid(faults or {"wallet": str(NOT_CONFIGURED)})
        return _switch_on(locked)


def _switch_on(account: WalletAccount) -> list[str]:
    same = WalletAccount.objects.select_for_update().filter(store=account.store, wallet=account.wallet)
    others = [one for one in same if one.is_active and one.pk != account.pk]
    for one in others:
        one.is_active = False
        one.save(update_fields=["is_active", "updated_at"])
    account.is_active = True
    account.save(update_fields=["is_active", "updated_at"])
    return [f"{one} ({one.get_environment_display()})" for one in others]
