"""Secrets that nobody can read any more: whoever signs with them, or collects through them, cannot."""

from scanforpay_django.encryption import decrypt
from scanforpay_django.exceptions import SecretUnreadable
from scanforpay_django.models import SignKey, WalletAccount
from scanforpay_django.operations.audit.check import Check, Rows


def _unreadable(rows: Rows, column: str) -> Rows:
    """No database can tell: each is opened here, and none is kept."""
    tokens = rows.exclude(**{column: ""}).values_list("pk", column)
    return rows.filter(pk__in=[pk for pk, token in tokens if not _opens(token)])


def _opens(token: str) -> bool:
    try:
        decrypt(token)
    except SecretUnreadable:
        return False
    return True


TEXT = "The stored secret cannot be decrypted: was a key taken from SCANFORPAY_ENCRYPTION_KEYS?"
CHECKS = (
    Check(
        code="sign-key-unreadable",
        invariant=0,
        text=TEXT,
        rows=SignKey.objects.all(),
        find=lambda rows: _unreadable(rows, "secret_ciphertext"),
    ),
    Check(
        code="account-unreadable",
        invariant=0,
        text=TEXT,
        rows=WalletAccount.objects.select_related("store"),
        find=lambda rows: _unreadable(rows, "secrets_ciphertext"),
    ),
)
