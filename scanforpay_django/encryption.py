"""Secrets at rest: Fernet tokens under SCANFORPAY_ENCRYPTION_KEYS, newest key first."""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.views.decorators.debug import sensitive_variables

from scanforpay_django.conf import conf
from scanforpay_django.exceptions import SecretUnreadable


@lru_cache(maxsize=8)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


@sensitive_variables()
def encrypt(plain: str) -> str:
    """The Fernet token of ``plain`` under the newest key."""
    return _cipher(tuple(conf.encryption_keys)).encrypt(plain.encode()).decode("ascii")


@sensitive_variables()
def is_newest(token: str) -> bool:
    """Whether the token is under the newest key already."""
    try:
        _cipher(tuple(conf.encryption_keys[:1])).decrypt(token.encode("ascii"))
    except (InvalidToken, UnicodeError):
        return False
    return True


@sensitive_variables()
def decrypt(token: str, *, also_derived: bool = False) -> str:
    """The text behind a token of any configured key; ``also_derived``: or of the key that follows from SECRET_KEY while
    none is configured. Raises SecretUnreadable.
    """
    keys = tuple(conf.encryption_keys) + ((conf.derived_encryption_key,) if also_derived else ())
    try:
        return _cipher(keys).decrypt(token.encode("ascii")).decode()
    except (InvalidToken, UnicodeError) as error:
        raise SecretUnreadable from error
