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
from scanforpay_django.flows.configured_wallet import wallet_of
from scanforpay_django.models import WalletAccount

RIGHT = gettext_noop("The platform answered and both signatures are right.")
OURS_IS_RIGHT = gettext_noop(
    "The platform accepts our signature. Its own key is proven with the first payment."
)
UNREACHABLE = gettext_noop("The platform cannot be reached from this server: network, DNS or firewall.")
NO_ANSWER = gettext_noop("The platform did not answer in time. Try again.")
NOT_PROVEN = gettext_noop(
    "The platform's answer does not verify: is its public key (and its id) the right one?"
)
UNREADABLE = gettext_noop("The stored secrets cannot be decrypted: was an encryption key removed?")
BAD_KEY = gettext_noop("The credentials are incomplete or do not read. Save them anew.")
OUR_SIGNATURE = gettext_noop(
    "The platform refuses our signature: do private key and serial number (or app id) belong together, and is this "
    "server's clock right?"
)
NO_SUCH_APP = gettext_noop(
    "The platform does not know this app id or merchant number, or they are not bound."
)
NO_PERMISSION = gettext_noop("The platform has not granted this account the product.")
OTHER = gettext_noop("The platform refused the call.")

#: platforms' codes without underscores, in upper case
WORDS = {
    "SIGNERROR": OUR_SIGNATURE,
    "ILLEGALSIGN": OUR_SIGNATURE,
    "ILLEGALPARTNER": NO_SUCH_APP,
    "ISV.INVALID-SIGNATURE": OUR_SIGNATURE,
    "ISV.MISSING-SIGNATURE": OUR_SIGNATURE,
    "APPIDMCHIDNOTMATCH": NO_SUCH_APP,
    "MCHNOTEXISTS": NO_SUCH_APP,
    "ISV.INVALID-APP-ID": NO_SUCH_APP,
    "ISV.MISSING-APP-ID": NO_SUCH_APP,
    "NOAUTH": NO_PERMISSION,
    "ISV.INSUFFICIENT-ISV-PERMISSIONS": NO_PERMISSION,
    "ACQ.ACCESSFORBIDDEN": NO_PERMISSION,
}


def test_connection(account: WalletAccount) -> tuple[bool, str]:
    """Whether the account works, and a text marked for translation that says so. Makes one call."""
    try:
        wallet = wallet_of(account)
        wallet.probe()
    except SecretUnreadable:
        return False, UNREADABLE
    except ScanForPayError as error:
        return False, _words(error)
    except (ValueError, KeyError, ImproperlyConfigured):
        return False, BAD_KEY
    return True, RIGHT if wallet.probe_proves_both else OURS_IS_RIGHT


def _words(error: ScanForPayError) -> str:
    if isinstance(error, PlatformSignatureInvalid):
        return NOT_PROVEN
    if isinstance(error, PlatformUnreachable):
        return UNREACHABLE
    if isinstance(error, PlatformTimeout):
        return NO_ANSWER
    code = error.platform_code if isinstance(error, PlatformError) else ""
    return WORDS.get(code.upper().replace("_", ""), OTHER)
