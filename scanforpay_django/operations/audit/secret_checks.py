"""Secrets that cannot be decrypted: their partners cannot sign, their accounts cannot collect."""

import json
from collections.abc import Callable

from django.views.decorators.debug import sensitive_variables

from scanforpay_django.encryption import decrypt
from scanforpay_django.exceptions import SecretUnreadable
from scanforpay_django.models import SignKey, WalletAccount
from scanforpay_django.operations.audit.check import Check, Rows


def _secrets(rows: Rows, column: str, is_broken: Callable[[str], bool]) -> Rows:
    """No database can tell: each is opened here, and none is kept."""
    tokens = rows.values_list("pk", column)
    return rows.filter(pk__in=[pk for pk, token in tokens if is_broken(token)])


def _is_sealed(token: str) -> bool:
    try:
        decrypt(token)
    except SecretUnreadable:
        return True
    return False


@sensitive_variables()
def _is_no_account(token: str) -> bool:
    """An account may hold no secret, a sandbox's say."""
    try:
        return bool(token) and not isinstance(json.loads(decrypt(token)), dict)
    except (SecretUnreadable, ValueError):
        return True


@sensitive_variables()
def _is_empty(token: str) -> bool:
    try:
        return not decrypt(token).strip()
    except SecretUnreadable:
        return False


TEXT = "The stored secret cannot be decrypted: was a key taken from SCANFORPAY_ENCRYPTION_KEYS?"
SECRET_CHECKS = (
    Check(
        code="sign-key-unreadable",
        invariant=0,
        text=TEXT,
        rows=SignKey.objects.all(),
        find=lambda rows: _secrets(rows, "secret_ciphertext", _is_sealed),
    ),
    Check(
        code="sign-key-empty",
        invariant=0,
        text="The sign key is empty: it verifies nothing, or anything.",
        rows=SignKey.objects.all(),
        find=lambda rows: _secrets(rows, "secret_ciphertext", _is_empty),
    ),
    Check(
        code="account-unreadable",
        invariant=0,
        text=TEXT,
        rows=WalletAccount.objects.select_related("store"),
        find=lambda rows: _secrets(rows, "secrets_ciphertext", _is_no_account),
    ),
)
