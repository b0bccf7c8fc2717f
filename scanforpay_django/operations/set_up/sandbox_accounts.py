"""Accounts at the sandbox on this machine, for a project that is being developed."""

import json
from io import StringIO
from typing import Any

from django.apps import apps
from django.core.management import CommandError, call_command, get_commands
from django.views.decorators.debug import sensitive_variables

from scanforpay_django.conf import LOCAL_SANDBOX, conf
from scanforpay_django.models import Store, WalletAccount
from scanforpay_django.wallets.registry import wallet_classes

_COMMAND = "sandbox_account"


def has_sandbox() -> bool:
    """Whether the sandbox is part of the project, and the project in development."""
    return conf.debug and apps.is_installed("scanforpay_django.sandbox") and _COMMAND in get_commands()


def make_sandbox_accounts(store: Store) -> list[str]:
    """One for every wallet that collects the store's currency under its own name and has no account of the store; the
    names of these wallets. Call it in a transaction.
    """
    made: list[str] = []
    if not has_sandbox():
        return made
    for name, backend in wallet_classes().items():
        known = WalletAccount.objects.filter(store=store, wallet=name).exists()
        if known or backend.serves or store.currency not in backend.currencies:
            continue
        if (credentials := _sign_up(name)) is not None:
            _make_account(store, name, credentials)
            made.append(name)
    return made


@sensitive_variables()
def _make_account(store: Store, wallet: str, credentials: dict[str, Any]) -> None:
    account = WalletAccount(
        store=store,
        wallet=wallet,
        name="sandbox",
        environment=LOCAL_SANDBOX,
        currencies=store.currency,
        config=credentials["config"],
    )
    account.set_secrets(credentials["secrets"])
    account.save()


@sensitive_variables()
def _sign_up(wallet: str) -> dict[str, Any] | None:
    """What the sandbox issues; None for a wallet that it does not play."""
    output = StringIO()
    try:
        call_command(_COMMAND, wallet, stdout=output)
    except CommandError:
        return None
    issued: dict[str, Any] = json.loads(output.getvalue())
    return issued
