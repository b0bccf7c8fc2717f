"""Is a wallet account right? One harmless signed call, and in words what is wrong."""

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_noop

from scanforpay_django.exceptions import (
    PlatformError,
    PlatformSignatureInvalid,
    PlatformTimeout,
    PlatformUnreachable,
    ScanForPayError,
    SecretUnreadable,
)
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.models import WalletAccount
from scanforpay_django.wallets.base import Wallet

RIGHT = gettext_noop("The platform answered and both signatures are right.")
OURS_IS_RIGHT = gettext_noop(
    "The platform accepts our signature. Its own key is verified with the first payment."
)
UNREACHABLE = gettext_noop("The platform cannot be reached from this server: network, DNS or firewall.")
NO_ANSWER = gettext_noop("The platform did not answer in time. Try again.")
NOT_PROVEN = gettext_noop(
    "The platform's answer does not verify: is its public key (and its id) the right one?"
)
UNREADABLE = gettext_noop("The stored secrets cannot be decrypted: was an encryption key removed?")
BAD_KEY = gettext_noop("The credentials are incomplete or cannot be read. Please save them again.")
OTHER = gettext_noop("The platform refused the call.")


def test_connection(account: WalletAccount) -> tuple[bool, str]:
    """Whether the account works, and a text marked for translation that says so. Makes one call."""
    configured = None
    try:
        configured = configure(account)
        wallet = configured.wallet
        wallet.probe()
    except SecretUnreadable:
        return False, UNREADABLE
    except ScanForPayError as error:
        return False, _describe(error, configured.backend if configured else None)
    except (ValueError, KeyError, ImproperlyConfigured):
        return False, BAD_KEY
    return True, RIGHT if wallet.probe_verifies_both else OURS_IS_RIGHT


def _describe(error: ScanForPayError, backend: type[Wallet] | None) -> str:
    if isinstance(error, PlatformSignatureInvalid):
        return NOT_PROVEN
    if isinstance(error, PlatformUnreachable):
        return UNREACHABLE
    if isinstance(error, PlatformTimeout):
        return NO_ANSWER
    code = error.platform_code if isinstance(error, PlatformError) else ""
    return backend.error_words.get(backend.normalise_code(code), OTHER) if backend else OTHER
