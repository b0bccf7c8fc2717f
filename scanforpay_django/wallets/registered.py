"""What staff entered at a platform about this project: kept with the account, so that it can be compared."""

from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from scanforpay_django.wallets.values import Credential

MAX_DIRECTORIES = 5


def _read_directories(text: str) -> None:
    found = text.split()
    if len(found) > MAX_DIRECTORIES:
        raise ValueError(_("WeChat Pay accepts at most five directories"))
    for directory in found:
        parts = urlsplit(directory)
        if parts.scheme not in ("http", "https") or not parts.netloc or not directory.endswith("/"):
            raise ValueError(_("a directory is a whole address with a slash at its end"))


def _read_domain(text: str) -> None:
    if any(sign in text for sign in "/:?#@ "):
        raise ValueError(_("a domain is a bare host: no scheme, no port, no path"))


PAYMENT_DIRECTORY = Credential(
    name="payment_directory",
    label=_("JSAPI payment directories, as registered"),
    required=False,
    multiline=True,
    read=_read_directories,
    help=_("One per line. “manage.py check” warns when the pay pages lie under none of them."),
)
SIGN_IN_DOMAIN = Credential(
    name="sign_in_domain",
    label=_("Web-page authorisation domain, as registered"),
    required=False,
    read=_read_domain,
    help=_("“manage.py check” warns when customers would be sent back to another host."),
)
