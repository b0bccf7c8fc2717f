"""Partners' keys, stores and accounts that this process has seen less than a second ago.

They hardly ever change and every call of a merchant needs them. A change in this process is seen at once, one in
another process after SECONDS. What is not there is never remembered: a new row is seen at once by everybody.
The rows are shared between threads: read them, never change them.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.core.signals import setting_changed
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from scanforpay_django.encryption import decrypt
from scanforpay_django.exceptions import SecretUnreadable
from scanforpay_django.models.change_signals import connect_change_signals, rows_changed
from scanforpay_django.models.merchant import Partner, SignKey, Store
from scanforpay_django.models.wallet_account import WalletAccount

logger = logging.getLogger(__name__)

SECONDS = 0.9
LIMIT = 10_000

_CacheKey = TypeVar("_CacheKey")
_CachedRow = TypeVar("_CachedRow")


class TtlCache(Generic[_CacheKey, _CachedRow]):
    """What ``load`` found for a key, for as long as it may be used."""

    def __init__(self, load: Callable[[_CacheKey], _CachedRow]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._found: dict[_CacheKey, tuple[float, _CachedRow]] = {}
        self._generation = 0

    def remembered(self, key: _CacheKey) -> _CachedRow | None:
        """The value if it is in memory and fresh, else None; never a query."""
        found = self._found.get(key)
        return found[1] if found is not None and time.monotonic() - found[0] < SECONDS else None

    def get(self, key: _CacheKey) -> _CachedRow:
        """From memory, or loaded now."""
        found = self.remembered(key)
        return self.fresh(key) if found is None else found

    def fresh(self, key: _CacheKey) -> _CachedRow:
        """Loaded now. What was loaded while somebody forgot is not kept, nor what a transaction may take back."""
        generation, moment = self._generation, time.monotonic()
        row = self._load(key)
        if row and not transaction.get_connection().in_atomic_block:
            with self._lock:
                if len(self._found) >= LIMIT:
                    self._found.clear()
                if generation == self._generation:
                    self._found[key] = (moment, row)
        return row

    def forget(self) -> None:
        """Nothing is known any more."""
        with self._lock:
            self._generation += 1
            self._found.clear()


@dataclass(frozen=True, kw_only=True)
class CachedSignKey:
    """A sign key with its partner, and its secret; "" where it cannot be decrypted."""

    row: SignKey
    secret: str = field(repr=False)


@sensitive_variables()
def _read_secret(key: SignKey) -> str:
    try:
        return decrypt(key.secret_ciphertext)
    except SecretUnreadable:
        logger.error("sign key %s cannot be decrypted; it verifies nothing", key.pk)
        return ""


def _load_keys(partner_no: str) -> tuple[CachedSignKey, ...]:
    rows = SignKey.objects.filter(partner__partner_no=partner_no).select_related("partner").not_ended()
    return tuple(CachedSignKey(row=row, secret=_read_secret(row)) for row in rows)


def _load_store(wanted: tuple[int, str]) -> Store | None:
    partner_id, store_no = wanted
    return Store.objects.filter(partner_id=partner_id, store_no=store_no).first()


def _load_accounts(store_id: int) -> tuple[WalletAccount, ...]:
    return tuple(WalletAccount.objects.filter(store_id=store_id, is_active=True).order_by("pk"))


#: partner number -> its keys that have not ended, newest first; the caller looks whether they have begun
sign_keys: TtlCache[str, tuple[CachedSignKey, ...]] = TtlCache(_load_keys)
#: (partner, store number) -> the store
stores: TtlCache[tuple[int, str], Store | None] = TtlCache(_load_store)
#: store -> its active accounts
accounts: TtlCache[int, tuple[WalletAccount, ...]] = TtlCache(_load_accounts)


_touched: dict[int, float] = {}
TOUCH_SECONDS = 60


def touch(key: SignKey) -> None:
    """Note about once a minute that a key is used."""
    moment = time.monotonic()
    if moment - _touched.get(key.pk, -TOUCH_SECONDS) >= TOUCH_SECONDS:
        _touched[key.pk] = moment
        SignKey.objects.filter(pk=key.pk).touch(timezone.now())


def forget() -> None:
    """Look everything up again."""
    _touched.clear()
    for known in (sign_keys, stores, accounts):
        known.forget()


for _model in (Partner, SignKey, Store, WalletAccount):
    connect_change_signals(_model)


@receiver(rows_changed, dispatch_uid="scanforpay-known")
def _changed(**_: Any) -> None:
    """This process sees the change at once, its other threads when it is committed."""
    forget()
    if transaction.get_connection().in_atomic_block:
        transaction.on_commit(forget, robust=True)


@receiver(setting_changed, dispatch_uid="scanforpay-known-settings")
def _other_settings(**_: Any) -> None:
    forget()
