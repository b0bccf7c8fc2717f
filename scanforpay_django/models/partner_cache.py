"""Partners' keys, stores and accounts that this process has seen less than a second ago.

They hardly ever change and every call of a merchant needs them. A change in this process is seen at once, one in
another process after a second. What is not there is never remembered: a new row is seen at once by everybody.
The rows are shared between threads: read them, never change them.
"""

import logging
import time
from dataclasses import dataclass, field
from typing import Any

from django.core.signals import setting_changed
from django.db import OperationalError
from django.dispatch import receiver
from django.views.decorators.debug import sensitive_variables

from scanforpay_django import clock
from scanforpay_django.encryption import decrypt
from scanforpay_django.exceptions import SecretUnreadable
from scanforpay_django.models.change_signals import connect_change_signals, rows_changed
from scanforpay_django.models.database import connection, on_commit
from scanforpay_django.models.derived_numbers import NumberKey, number_keys
from scanforpay_django.models.merchant import Partner, SignKey
from scanforpay_django.models.store import Store
from scanforpay_django.models.ttl_cache import TtlCache
from scanforpay_django.models.wallet_account import WalletAccount

logger = logging.getLogger(__name__)


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
    active = WalletAccount.objects.filter(store_id=store_id, is_active=True)
    return tuple(active.select_related("store__partner").order_by("pk"))


def _load_account(public_id: str) -> WalletAccount | None:
    return WalletAccount.objects.filter(public_id=public_id).first()


#: partner number -> its keys that have not ended, newest first; the caller looks whether they have begun
sign_keys: TtlCache[str, tuple[CachedSignKey, ...]] = TtlCache(_load_keys)
#: (partner, store number) -> the store
stores: TtlCache[tuple[int, str], Store | None] = TtlCache(_load_store)
#: store -> its active accounts
accounts: TtlCache[int, tuple[WalletAccount, ...]] = TtlCache(_load_accounts)
#: public_id -> the account, active or not
notified_accounts: TtlCache[str, WalletAccount | None] = TtlCache(_load_account)


_touched: dict[int, float] = {}
TOUCH_SECONDS = 60


def touch(key: SignKey) -> None:
    """Note about once a minute that a key is used. A database that is busy loses the note, and no call."""
    moment = time.monotonic()
    if moment - _touched.get(key.pk, -TOUCH_SECONDS) >= TOUCH_SECONDS:
        _touched[key.pk] = moment
        try:
            SignKey.objects.filter(pk=key.pk).touch(clock.now())
        except OperationalError as error:
            logger.warning("that a sign key is used is noted later: %s", error)


def forget() -> None:
    """Look everything up again."""
    _touched.clear()
    for known in (sign_keys, stores, accounts, notified_accounts, number_keys):
        known.forget()


for _model in (Partner, SignKey, Store, WalletAccount, NumberKey):
    connect_change_signals(_model)


@receiver(rows_changed, dispatch_uid="scanforpay-known")
def _changed(**_: Any) -> None:
    """This process sees the change at once, its other threads when it is committed."""
    forget()
    if connection().in_atomic_block:
        on_commit(forget, robust=True)


@receiver(setting_changed, dispatch_uid="scanforpay-known-settings")
def _other_settings(**_: Any) -> None:
    forget()
