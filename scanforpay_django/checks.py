"""System checks: every misconfiguration has an id and a hint.

What only production needs is a warning while DEBUG is on and an error under ``check --deploy``.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Caution
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections
from django.http.request import validate_host
from django.urls import NoReverseMatch, reverse
from django.utils.translation import override

from scanforpay_django.conf import CHECK_TAG, LOCAL_SANDBOX, conf
from scanforpay_django.models import WalletAccount
from scanforpay_django.operations.set_up.registration import mismatches, to_register
from scanforpay_django.transport.addresses import allow_list
from scanforpay_django.wallets.completeness import find_gaps
from scanforpay_django.wallets.registry import wallet_classes

_Problem = tuple[int, str, str]


def _base_url() -> list[_Problem]:
    if not conf.base_url_is_set:
        hint = (
            "Give the public address of this project, e.g. 'https://pay.example.com': payUrl, OAuth and platform "
            "notifications are built from it."
        )
        return [(1, "SCANFORPAY_BASE_URL is not set.", hint)]
    if not conf.base_url.startswith("https://"):
        hint = "Platforms notify https addresses only, and customers' browsers warn of others."
        return [(2, "SCANFORPAY_BASE_URL is not an https address.", hint)]
    return []


def _encryption_keys() -> list[_Problem]:
    if conf.encryption_keys_are_set:
        return []
    hint = "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
    return [(3, "SCANFORPAY_ENCRYPTION_KEYS is not set; secrets are encrypted under SECRET_KEY.", hint)]


def _sqlite_mode() -> list[_Problem]:
    found = []
    for alias in connections:
        settings = connections[alias].settings_dict
        mode = (settings.get("OPTIONS") or {}).get("transaction_mode") or "DEFERRED"
        if settings["ENGINE"].endswith("sqlite3") and mode.upper() == "DEFERRED":
            hint = (
                "Set OPTIONS = {'transaction_mode': 'IMMEDIATE', 'timeout': 20, 'init_command': 'PRAGMA "
                "journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;'}: with DEFERRED a busy "
                "database answers 'database is locked' at once."
            )
            found.append((4, f"The SQLite database {alias!r} begins transactions DEFERRED.", hint))
    return found


def _sandbox_accounts() -> list[_Problem]:
    try:
        sandboxed = WalletAccount.objects.filter(is_active=True, environment=LOCAL_SANDBOX).count()
    except DatabaseError:
        return []
    if not sandboxed:
        return []
    return [
        (
            5,
            f"{sandboxed} active wallet accounts collect play money in the sandbox.",
            "Switch them off in admin.",
        )
    ]


def _outbound_allowed() -> list[_Problem]:
    if not conf.outbound_allow:
        return []
    hint = "Leave SCANFORPAY_OUTBOUND_ALLOW empty unless a merchant really is in your own network."
    return [
        (6, f"Merchants may be notified at {', '.join(conf.outbound_allow)}, past the address guard.", hint)
    ]


def _bare_host() -> list[_Problem]:
    """The platforms' own forms take a host name and nothing else."""
    if not conf.base_url_is_set:
        return []
    parts = urlsplit(conf.base_url)
    host = parts.hostname or ""
    hint = "Give customers an address with a host name on the scheme's own port: a proxy can lead from there."
    if parts.port not in (None, {"http": 80, "https": 443}.get(parts.scheme)):
        return [(16, "SCANFORPAY_BASE_URL has a port: payment directory and sign-in domain have none.", hint)]
    if host.replace(".", "").isdigit() or ":" in host or "." not in host:
        text = f"SCANFORPAY_BASE_URL has the host {host!r}: payment directory and sign-in domain need a public name."
        return [(16, text, hint)]
    return []


def _allowed_host() -> list[_Problem]:
    host = urlsplit(conf.base_url).hostname if conf.base_url_is_set else None
    if not host or validate_host(host, conf.allowed_hosts) or (conf.debug and not conf.allowed_hosts):
        return []
    hint = "Customers and platforms would be answered 400: add the host to ALLOWED_HOSTS."
    return [(17, f"SCANFORPAY_BASE_URL's host {host!r} is not in ALLOWED_HOSTS.", hint)]


def _script_prefix() -> list[_Problem]:
    """Django puts FORCE_SCRIPT_NAME before every path itself."""
    path = urlsplit(conf.base_url).path.rstrip("/") if conf.base_url_is_set else ""
    if not path or not conf.script_name or not f"{conf.script_name}/".startswith(f"{path}/"):
        return []
    hint = "Leave the path out of SCANFORPAY_BASE_URL, or out of FORCE_SCRIPT_NAME."
    return [(18, f"SCANFORPAY_BASE_URL and FORCE_SCRIPT_NAME both have the path {path!r}.", hint)]


MISMATCHES = {
    "payment_directory": (19, "JSAPI payment directory"),
    "sign_in_domain": (20, "web-page authorisation domain"),
}


def _registered() -> list[_Problem]:
    if not conf.base_url_is_set:
        return []
    try:
        accounts = list(WalletAccount.objects.filter(is_active=True).exclude(environment=LOCAL_SANDBOX))
    except (DatabaseError, RuntimeError):
        # Not migrated yet, or a project's test suite that forbids the database: nothing can be compared.
        return []
    return [_mismatch(account, name) for account in accounts for name in mismatches(account)]


def _mismatch(account: WalletAccount, name: str) -> _Problem:
    number, what = MISMATCHES[name]
    there = ", ".join(str(account.config[name]).split())
    hint = f"Register {to_register(account)[name]} at the platform, or correct SCANFORPAY_BASE_URL or the account."
    return (
        number,
        f"Account {account.pk} ({account.wallet}): the {what} is {there}; the pay pages are not there.",
        hint,
    )


#: what customers would see at once: warned of always, with DEBUG off too
_ADDRESS_CHECKS: Sequence[Callable[[], list[_Problem]]] = (_allowed_host, _script_prefix, _registered)
_PRODUCTION_CHECKS: Sequence[Callable[[], list[_Problem]]] = (_base_url, _encryption_keys, _sqlite_mode)
_DEPLOYMENT_CHECKS: Sequence[Callable[[], list[_Problem]]] = (
    *_PRODUCTION_CHECKS,
    *_ADDRESS_CHECKS,
    _bare_host,
    _sandbox_accounts,
    _outbound_allowed,
)


@register(CHECK_TAG)
def check_production_needs(**_kwargs: Any) -> list[CheckMessage]:
    """W001 to W004 while DEBUG is on; W002 and W016 to W020, what customers see of an address, always."""
    checks = (
        (*_PRODUCTION_CHECKS, *_ADDRESS_CHECKS) if conf.debug else (_base_url, *_ADDRESS_CHECKS, _bare_host)
    )
    return [
        Caution(text, hint=hint, id=f"scanforpay.W{number:03}")
        for check in checks
        for number, text, hint in check()
    ]


@register(CHECK_TAG, deploy=True)
def check_deployment(**_kwargs: Any) -> list[CheckMessage]:
    """E001 to E006 and E016 to E020 under ``check --deploy``."""
    return [
        Error(text, hint=hint, id=f"scanforpay.E{number:03}")
        for check in _DEPLOYMENT_CHECKS
        for number, text, hint in check()
    ]


@register(CHECK_TAG)
def check_base_url(**_kwargs: Any) -> list[CheckMessage]:
    """E010: an address that nothing can be built from."""
    if not conf.base_url_is_set:
        return []
    parts = urlsplit(conf.base_url)
    if parts.scheme in ("http", "https") and parts.netloc and not parts.query and not parts.fragment:
        return []
    hint = "Give scheme and host, e.g. 'https://pay.example.com'; no query and no fragment."
    return [Error("SCANFORPAY_BASE_URL is not an address.", hint=hint, id="scanforpay.E010")]


@register(CHECK_TAG)
def check_encryption_keys(**_kwargs: Any) -> list[CheckMessage]:
    """E011: a key that is no Fernet key."""
    if not conf.encryption_keys_are_set:
        return []
    try:
        for key in conf.encryption_keys:
            Fernet(key)
    except ValueError:
        hint = "Each is 32 bytes in url-safe base64; make one with Fernet.generate_key()."
        return [Error("SCANFORPAY_ENCRYPTION_KEYS has a bad key.", hint=hint, id="scanforpay.E011")]
    return []


@register(CHECK_TAG)
def check_paths(**_kwargs: Any) -> list[CheckMessage]:
    """E012, E013: dotted paths that cannot be imported."""
    found: list[CheckMessage] = []
    for number, read in ((12, wallet_classes), (13, lambda: conf.wake_up)):
        try:
            read()
        except ImproperlyConfigured as error:
            found.append(Error(str(error), id=f"scanforpay.E{number:03}"))
    return found


@register(CHECK_TAG)
def check_wallets(**_kwargs: Any) -> list[CheckMessage]:
    """E021: a wallet's class that leaves out what its products need; E022: two that share a slug."""
    try:
        classes = wallet_classes()
    except ImproperlyConfigured:
        # E012 names it
        return []
    hint = "docs/adding-a-wallet.md describes each hook; conf.DEFAULT_WALLETS has the wallets that come with the app."
    found: list[CheckMessage] = [
        Error(f"Wallet {key!r} ({conf.wallets[key]}): {gap}", hint=hint, id="scanforpay.E021")
        for key, backend in classes.items()
        for gap in find_gaps(key, backend)
    ]
    slugs = Counter(getattr(backend, "slug", "") for backend in classes.values())
    for slug in (slug for slug, times in slugs.items() if slug and times > 1):
        text = f"Two wallets have the slug {slug!r}: their platforms' notifications would be confused."
        found.append(
            Error(text, hint="Give each class in SCANFORPAY_WALLETS a slug of its own.", id="scanforpay.E022")
        )
    return found


@register(CHECK_TAG)
def check_allow_list(**_kwargs: Any) -> list[CheckMessage]:
    """E014: an entry that is neither a network nor an origin."""
    try:
        allow_list()
    except (ValueError, ImproperlyConfigured) as error:
        hint = "Write networks ('127.0.0.0/8') or exact origins ('http://10.1.2.3:8000')."
        return [Error(f"SCANFORPAY_OUTBOUND_ALLOW: {error}", hint=hint, id="scanforpay.E014")]
    return []


@register(CHECK_TAG)
def check_language_prefix(**_kwargs: Any) -> list[CheckMessage]:
    """E041: paths that depend on a language. Merchants, wallets and platforms know one path each."""
    paths = set()
    for language in conf.languages:
        with override(language):
            try:
                paths.add(reverse("scanforpay:create"))
            except NoReverseMatch:
                # W015 says so
                return []
    if len(paths) < 2:
        return []
    hint = "Move path('api/', include('scanforpay_django.urls')) out of i18n_patterns(); the pages find their language."
    text = f"The payment API is mounted inside i18n_patterns: {', '.join(sorted(paths)[:2])}, ..."
    return [Error(text, hint=hint, id="scanforpay.E041")]


@register(CHECK_TAG)
def check_mount(**_kwargs: Any) -> list[CheckMessage]:
    """W015: the app is installed and its addresses are not."""
    try:
        reverse("scanforpay:create")
    except NoReverseMatch:
        hint = "Add path('api/', include('scanforpay_django.urls')) to the project's urls."
        return [Caution("The payment API is mounted nowhere.", hint=hint, id="scanforpay.W015")]
    return []
