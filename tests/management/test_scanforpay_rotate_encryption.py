"""The command scanforpay_rotate_encryption."""

from io import StringIO
from typing import Any

from cryptography.fernet import Fernet
from django.core.management import call_command

from scanforpay_django.encryption import is_newest
from scanforpay_django.models import SignKey
from tests.merchant import Merchant


def test_a_dry_run_counts_and_changes_nothing(merchant: Merchant, settings: Any) -> None:
    settings.SCANFORPAY_ENCRYPTION_KEYS = [
        Fernet.generate_key().decode(),
        *settings.SCANFORPAY_ENCRYPTION_KEYS,
    ]
    told = StringIO()
    call_command("scanforpay_rotate_encryption", "--dry-run", stdout=told)
    assert "to encrypt anew" in told.getvalue()
    assert not is_newest(SignKey.objects.get().secret_ciphertext)
    call_command("scanforpay_rotate_encryption", stdout=told)
    assert is_newest(SignKey.objects.get().secret_ciphertext)
