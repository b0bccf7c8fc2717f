"""The configured wallets: by name, by what they serve, and the apps they are paid in."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from scanforpay_django.conf import DEFAULT_WALLETS, conf
from scanforpay_django.wallets.base import Account, App, Receipt, Wallet
from scanforpay_django.wire import ANY_WALLET


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


def find_wallet_class(name: str) -> type[Wallet] | None:
    """The class of one wallet, None when it is not configured."""
    path = conf.wallets.get(name)
    return _load(path) if path else None


def serving(wire_name: str) -> Sequence[type[Wallet]]:
    """The backends that take orders of a wallet as the wire names it; all of them for ANY_WALLET."""
    if wire_name == ANY_WALLET:
        return list(wallet_classes().values())
    return [found for found in wallet_classes().values() if found.wire_name() == wire_name]


def known_apps() -> tuple[App, ...]:
    """The apps of every configured wallet and of those that come with this project, configured or not: a page that is
    open in one of them says which app to open instead. Those of other projects come first, for the User-Agent of an
    app that is built on another one holds both.
    """
    return _load_apps(tuple(conf.wallets.values()))


@lru_cache(maxsize=8)
def _load_apps(paths: tuple[str, ...]) -> tuple[App, ...]:
    ours = tuple(DEFAULT_WALLETS.values())
    others = tuple(path for path in paths if path not in ours)
    return tuple(dict.fromkeys(app for path in (*others, *ours) for app in _load(path).apps))


def receipts() -> tuple[Receipt, ...]:
    """The receipts of the configured wallets, each once."""
    found = (backend.receipt for backend in wallet_classes().values())
    return tuple(dict.fromkeys(receipt for receipt in found if receipt is not None))


def platform_hosts(backend: type[Wallet], environment: str) -> Mapping[str, str]:
    """The addresses of a wallet's platform, by name of the address; SCANFORPAY_PLATFORM_HOSTS is laid over the wallet's
    own. Raises ImproperlyConfigured for an environment that its platform does not have.
    """
    hosts = {
        name: url.replace("{sandbox}", conf.sandbox_url) if "{sandbox}" in url else url
        for name, url in backend.hosts.get(environment, {}).items()
    }
    hosts |= conf.platform_hosts.get(environment, {}).get(backend.name, {})
    if backend.hosts and not hosts:
        raise ImproperlyConfigured(
            f"No platform hosts for wallet {backend.name!r} in environment {environment!r}."
        )
    return hosts


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
