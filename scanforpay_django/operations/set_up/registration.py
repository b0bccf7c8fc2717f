"""What has to be registered at the platforms, and whether what staff entered there leads here."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.urls import reverse

from scanforpay_django.conf import conf
from scanforpay_django.models import WalletAccount
from scanforpay_django.wallets.registry import find_wallet_class

_TOKEN = "x" * 22


def payment_directory() -> str:
    """The directory that every pay page lies under, with its last slash: platforms compare it to the letter."""
    return conf.base_url + reverse("scanforpay:pay", args=[_TOKEN]).removesuffix(f"pay/{_TOKEN}")


def sign_in_domain() -> str:
    """The host that customers come back to after signing in. Platforms compare the bare host."""
    return urlsplit(conf.base_url).hostname or ""


def receipt_link() -> str:
    """The page that a platform frames after a service provider's payment."""
    return conf.base_url + reverse("scanforpay:receipt")


def to_register(account: WalletAccount) -> dict[str, str]:
    """The addresses to enter at an account's platform: payment_directory, sign_in_domain, receipt_link."""
    backend = find_wallet_class(account.wallet)
    asked = backend.addresses_to_register(account.config) if backend else frozenset()
    values = {
        "payment_directory": payment_directory,
        "sign_in_domain": sign_in_domain,
        "receipt_link": receipt_link,
    }
    return {name: value() for name, value in values.items() if name in asked}


def mismatches(account: WalletAccount) -> Iterator[str]:
    """The names of what staff entered as registered and that does not lead here. Directories are compared to the
    letter: scheme, host and path.
    """
    wanted = to_register(account)
    directories = str(account.config.get("payment_directory", "")).split()
    if directories and not any(wanted["payment_directory"].startswith(one) for one in directories):
        yield "payment_directory"
    domain = str(account.config.get("sign_in_domain", "")).lower()
    if domain and domain != wanted["sign_in_domain"]:
        yield "sign_in_domain"
