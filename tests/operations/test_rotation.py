"""Encryption keys are replaced: everything is readable before, while and after."""

from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command

from scanforpay_django.exceptions import SecretUnreadable
from scanforpay_django.merchant_notify.keys import get_secrets
from scanforpay_django.models import SignKey, WalletAccount, partner_cache
from scanforpay_django.operations.rotation import rotate_encryption
from tests.merchant import SIGN_KEY, Merchant, envelope, header

pytestmark = pytest.mark.django_db

SECRETS = {"private_key": "-----BEGIN PRIVATE KEY-----", "apiv3_key": "0" * 32}


@pytest.fixture
def merchant(merchant: Merchant) -> Merchant:
    """With secrets in an account."""
    account = merchant.store.wallet_accounts.get(wallet="Wechat")
    account.set_secrets(SECRETS)
    account.save()
    return merchant


def run(**options: Any) -> str:
    told = StringIO()
    call_command("scanforpay_rotate_encryption", stdout=told, **options)
    return told.getvalue()


def test_the_old_key_can_be_taken_away_afterwards(merchant: Merchant, settings: Any) -> None:
    new, old = Fernet.generate_key().decode(), settings.SCANFORPAY_ENCRYPTION_KEYS[0]
    count = SignKey.objects.count() + WalletAccount.objects.count()
    settings.SCANFORPAY_ENCRYPTION_KEYS = [new, old]
    assert merchant.create()["code"] == 1
    assert run(dry_run=True).startswith(f"{count} to encrypt anew, 0 under the newest")
    assert run().startswith(f"{count} encrypted anew, 0 under the newest")
    assert run().startswith(f"0 encrypted anew, {count} under the newest")
    settings.SCANFORPAY_ENCRYPTION_KEYS = [new]
    assert SignKey.objects.get().secret() == SIGN_KEY
    assert WalletAccount.objects.get(wallet="Wechat").secrets() == SECRETS
    partner_cache.forget()
    assert merchant.create()["code"] == 1


def test_unknown_partners_are_refused_alike_under_every_encryption_key(
    merchant: Merchant, settings: Any
) -> None:
    raw = envelope(header(partnerNo="10009"), {})
    for _ in range(2):
        settings.SCANFORPAY_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
        answer = merchant.post("/api/common/payQuery", raw)
        assert (answer.status_code, answer.json()["response"]["body"]["code"]) == (200, 8)


def test_a_key_that_was_taken_away_signs_no_more_notifications(merchant: Merchant, settings: Any) -> None:
    partner = merchant.partner.pk
    assert get_secrets([partner]) == {partner: SIGN_KEY}
    settings.SCANFORPAY_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert get_secrets([partner]) == {partner: ""}


def test_what_cannot_be_decrypted_is_named_and_left(merchant: Merchant, settings: Any) -> None:
    before = SignKey.objects.get().secret_ciphertext
    settings.SCANFORPAY_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    told = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("scanforpay_rotate_encryption", stdout=told)
    assert ended.value.code == 1
    assert (
        f"cannot be decrypted by any configured key: sign key {SignKey.objects.get().pk}" in told.getvalue()
    )
    assert SIGN_KEY not in told.getvalue()
    assert SignKey.objects.get().secret_ciphertext == before


def test_a_row_that_changes_meanwhile_is_not_overwritten(
    merchant: Merchant, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SCANFORPAY_ENCRYPTION_KEYS = [
        Fernet.generate_key().decode(), settings.SCANFORPAY_ENCRYPTION_KEYS[0]
    ]  # fmt: skip
    from scanforpay_django.operations import rotation

    real = rotation.encrypt

    def overtaken(plain: str) -> str:
        key = SignKey.objects.get()
        if plain == SIGN_KEY and key.secret() == SIGN_KEY:
            key.set_secret("a newer one")
            key.save()
        return real(plain)

    monkeypatch.setattr(rotation, "encrypt", overtaken)
    told = StringIO()
    with pytest.raises(SystemExit):
        call_command("scanforpay_rotate_encryption", stdout=told)
    assert "1 changed meanwhile" in told.getvalue()
    assert SignKey.objects.get().secret() == "a newer one"


def test_a_project_that_gets_its_first_keys_keeps_its_secrets(merchant: Merchant, settings: Any) -> None:
    """With DEBUG the key follows from SECRET_KEY; what was stored then is encrypted anew under the real ones."""
    del settings.SCANFORPAY_ENCRYPTION_KEYS
    settings.DEBUG = True
    account = merchant.store.wallet_accounts.get(wallet="Wechat")
    account.set_secrets(SECRETS)
    account.save()
    settings.DEBUG = False
    settings.SCANFORPAY_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(SecretUnreadable):
        account.secrets()
    rotate_encryption()
    account.refresh_from_db()
    assert account.secrets() == SECRETS
