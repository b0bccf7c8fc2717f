"""The wallets by name."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from scanforpay_django.conf import conf
from scanforpay_django.wallets.base import Account, Wallet


@lru_cache(maxsize=32)
def _load(path: str) -> type[Wallet]:
    try:
        found = import_string(path)
    except ImportError as error:
        raise ImproperlyConfigured(f"SCANFORPAY_WALLETS: {path!r} cannot be imported: {error}") from error
    if not (isinstance(found, type) and issubclass(found, Wallet)):
        raise ImproperlyConfigured(f"SCANFORPAY_WALLETS: {path!r} is not a Wallet.")
    return found


def wallet_classes() -> Mapping[str, type[Wallet]]:
    """Every configured wallet's class by its name."""
    return _classes(tuple(conf.wallets.items()))


@lru_cache(maxsize=8)
def _classes(paths: tuple[tuple[str, str], ...]) -> Mapping[str, type[Wallet]]:
    return {name: _load(path) for name, path in paths}


def wallet_class(name: str) -> type[Wallet] | None:
    """The class of one wallet, None when it is not configured."""
    path = conf.wallets.get(name)
    return _load(path) if path else None


def serving(wire_name: str) -> Sequence[type[Wallet]]:
    """The backends that take orders of a wallet as the wire names it."""
    return [found for found in wallet_classes().values() if found.wire_name() == wire_name]


@lru_cache(maxsize=512)
def _build(path: str, account: Account) -> Wallet:
    return _load(path)(account)


def get_wallet(account: Account) -> Wallet:
    """The wallet that speaks for ``account``. Kept per process: loading a private key takes 30 ms."""
    try:
        path = conf.wallets[account.wallet]
    except KeyError:
        raise ImproperlyConfigured(f"Wallet {account.wallet!r} is not in SCANFORPAY_WALLETS.") from None
    return _build(path, account)
