"""Stored secrets, encrypted anew under the newest key. Every row is a conditional write: run it while all goes on."""

from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.views.decorators.debug import sensitive_variables

from scanforpay_django.encryption import decrypt, encrypt, is_newest
from scanforpay_django.exceptions import SecretUnreadable
from scanforpay_django.models import NumberKey, SignKey, WalletAccount

#: where ciphertexts are
PLACES: tuple[tuple[models.QuerySet[Any], str], ...] = (
    (SignKey.objects.all(), "secret_ciphertext"),
    (WalletAccount.objects.all(), "secrets_ciphertext"),
    (NumberKey.objects.all(), "ciphertext"),
)


@dataclass
class Rotated:
    """What a run came to."""

    rotated: int = 0
    # under the newest key already
    current: int = 0
    # changed by somebody else at the same moment: run it again
    changed: int = 0
    # "sign key 7": no configured key opens it
    unreadable: list[str] = field(default_factory=list)


def rotate_encryption(*, dry_run: bool = False) -> Rotated:
    """Go over all stored secrets. ``dry_run``: only count."""
    found = Rotated()
    for rows, column in PLACES:
        for pk, token in list(rows.exclude(**{column: ""}).order_by("pk").values_list("pk", column)):
            _rotate(found, rows, column, pk, token, dry_run=dry_run)
    return found


@sensitive_variables()
def _rotate(
    found: Rotated, rows: "models.QuerySet[Any]", column: str, pk: Any, token: str, *, dry_run: bool
) -> None:
    if is_newest(token):
        found.current += 1
        return
    try:
        # A project that goes live has secrets from the time when it had no keys of its own.
        plain = decrypt(token, also_derived=True)
    except SecretUnreadable:
        found.unreadable.append(f"{rows.model._meta.verbose_name} {pk}")
        return
    unchanged = rows.filter(pk=pk, **{column: token})
    if dry_run or unchanged.update(**{column: encrypt(plain)}):
        found.rotated += 1
    else:
        found.changed += 1
