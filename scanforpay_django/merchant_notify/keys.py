"""The keys that notifications are signed with, at the moment they are sent."""

from collections.abc import Iterable
from functools import lru_cache

from django.db.models import F
from django.views.decorators.debug import sensitive_variables

from scanforpay_django.conf import conf
from scanforpay_django.encryption import decrypt
from scanforpay_django.exceptions import SecretUnreadable
from scanforpay_django.models import SignKey
from scanforpay_django.models.database import database
from scanforpay_django.models.moments import database_now


@sensitive_variables()
def get_secrets(partner_pks: Iterable[int]) -> dict[int, str]:
    """Each partner's secret: of the key of its last verified request, or of the newest when none was used yet.

    Partners without a valid key are left out; "" is one that cannot be decrypted.
    """
    # By the database's clock, as everything here: a worker's may be off.
    keys = SignKey.objects.using(database()).filter(
        partner_id__in=list(partner_pks), valid_from__lte=database_now()
    )
    best_last = keys.exclude(valid_until__lte=database_now()).order_by(
        F("last_used_at").asc(nulls_first=True), "valid_from", "pk"
    )
    found = dict(best_last.values_list("partner_id", "secret_ciphertext"))
    return {partner_pk: _decrypt_or_blank(ciphertext) for partner_pk, ciphertext in found.items()}


def _decrypt_or_blank(ciphertext: str) -> str:
    try:
        return _decrypted(ciphertext, tuple(conf.encryption_keys))
    except SecretUnreadable:
        return ""


@lru_cache(maxsize=32_768)
@sensitive_variables()
def _decrypted(ciphertext: str, _encryption_keys: tuple[str, ...]) -> str:
    """Decrypting costs as much as sending: once in a process for each ciphertext and list of encryption keys."""
    return decrypt(ciphertext)
