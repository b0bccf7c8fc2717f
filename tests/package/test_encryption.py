"""Secrets are encrypted under the newest key and read under every configured one."""

from typing import Any

import pytest
from cryptography.fernet import Fernet

from scanforpay_django.encryption import decrypt, encrypt, is_newest
from scanforpay_django.exceptions import SecretUnreadable


def test_a_secret_is_read_under_every_configured_key(settings: Any) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.SCANFORPAY_ENCRYPTION_KEYS = [old]
    token = encrypt("茶")
    assert "茶" not in token
    assert is_newest(token)
    settings.SCANFORPAY_ENCRYPTION_KEYS = [new, old]
    assert decrypt(token) == "茶"
    assert not is_newest(token)


@pytest.mark.parametrize("token", ["", "gAAAA", "é"])
def test_what_is_no_token_is_unreadable(token: str) -> None:
    with pytest.raises(SecretUnreadable):
        decrypt(token)


def test_a_token_of_a_key_that_was_taken_away_is_unreadable() -> None:
    with pytest.raises(SecretUnreadable):
        decrypt(Fernet(Fernet.generate_key()).encrypt(b"x").decode())
