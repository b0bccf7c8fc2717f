"""Every SCANFORPAY_* setting: name, type, default. Read live; with ``setting_groups`` the one place that reads them."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from scanforpay_django.setting_groups import BillSettings, ChainSettings, MonitoringSettings, NotifySettings

# environments of wallet accounts
PRODUCTION = "production"
PLATFORM_SANDBOX = "platform_sandbox"
LOCAL_SANDBOX = "local_sandbox"

MIN_LIFETIME_SECONDS = 300
MAX_LIFETIME_SECONDS = 7 * 86400

#: of our system checks
CHECK_TAG = "scanforpay"

LOOPBACK = ("127.0.0.0/8", "::1/128")

WAKE_UP_NAMES = {
    "celery": "scanforpay_django.merchant_notify.tasks.wake_up",
    "django.tasks": "scanforpay_django.merchant_notify.django_tasks.wake_up",
}

DEFAULT_WALLETS = {
    "Wechat": "scanforpay_django.wallets.wechat.wallet.WeChatWallet",
    "WechatGlobal": "scanforpay_django.wallets.wechat.hong_kong.WeChatGlobalWallet",
    "Alipay": "scanforpay_django.wallets.alipay.wallet.AlipayWallet",
    "AlipayGlobal": "scanforpay_django.wallets.alipay_cross_border.wallet.AlipayGlobalWallet",
    "AlipayHK": "scanforpay_django.wallets.alipay_cross_border.wallet.AlipayHKWallet",
}


@lru_cache(maxsize=8)
def _url_host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


class Conf(NotifySettings, BillSettings, MonitoringSettings, ChainSettings):
    """The settings as attributes. Each property's docstring gives type, default and meaning."""

    @property
    def debug(self) -> bool:
        """The project's DEBUG setting."""
        return bool(settings.DEBUG)

    @property
    def base_url(self) -> str:
        """SCANFORPAY_BASE_URL, str: where customers and platforms reach this project, e.g. https://pay.example.com.

        With DEBUG the default is http://localhost:8000. It is never taken from a request: a forged Host
        header must not end in a payUrl.
        """
        value = str(self._read("BASE_URL", "http://localhost:8000" if settings.DEBUG else "")).rstrip("/")
        if not value:
            raise ImproperlyConfigured(
                "SCANFORPAY_BASE_URL is not set: give the public address of this project, "
                "for example SCANFORPAY_BASE_URL = 'https://pay.example.com'."
            )
        return value

    @property
    def base_url_is_set(self) -> bool:
        """Whether the project sets SCANFORPAY_BASE_URL itself."""
        return bool(self._read("BASE_URL", ""))

    @property
    def encryption_keys(self) -> list[str]:
        """SCANFORPAY_ENCRYPTION_KEYS, list of Fernet keys, newest first. With DEBUG derived from SECRET_KEY."""
        keys = self._read("ENCRYPTION_KEYS", None)
        if keys:
            return [str(key) for key in keys]
        if not settings.DEBUG:
            raise ImproperlyConfigured(
                "SCANFORPAY_ENCRYPTION_KEYS is not set: make a key with "
                "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'."
            )
        return [self.derived_encryption_key]

    @property
    def derived_encryption_key(self) -> str:
        """What secrets are stored under with DEBUG while SCANFORPAY_ENCRYPTION_KEYS is not set."""
        digest = hashlib.sha256(b"scanforpay encryption " + settings.SECRET_KEY.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode()

    @property
    def encryption_keys_are_set(self) -> bool:
        """Whether the project sets SCANFORPAY_ENCRYPTION_KEYS itself."""
        return bool(self._read("ENCRYPTION_KEYS", None))

    @property
    def allowed_hosts(self) -> Sequence[str]:
        """The project's ALLOWED_HOSTS setting."""
        return list(settings.ALLOWED_HOSTS)

    @property
    def script_name(self) -> str:
        """The project's FORCE_SCRIPT_NAME without a slash at its end, "" when unset."""
        return str(settings.FORCE_SCRIPT_NAME or "").rstrip("/")

    @property
    def languages(self) -> Sequence[str]:
        """The codes of the project's LANGUAGES setting."""
        return [code for code, _name in settings.LANGUAGES]

    @property
    def secret_key(self) -> str:
        """The project's SECRET_KEY setting."""
        return str(settings.SECRET_KEY)

    @property
    def wallets(self) -> Mapping[str, str]:
        """SCANFORPAY_WALLETS, dict of wallet name -> dotted path of a Wallet class."""
        return dict(self._read("WALLETS", DEFAULT_WALLETS))

    @property
    def sandbox_url(self) -> str:
        """SCANFORPAY_SANDBOX_URL, str: where the sandbox app is mounted; default is <base URL>/sandbox, below
        FORCE_SCRIPT_NAME.
        """
        default = f"{self.base_url}{self.script_name}/sandbox"
        return str(self._read("SANDBOX_URL", "") or default).rstrip("/")

    @property
    def sandbox_allowed(self) -> bool:
        """SCANFORPAY_SANDBOX_ALLOWED, bool, default False: permit the sandbox app although DEBUG is off."""
        return bool(self._read("SANDBOX_ALLOWED", False))

    @property
    def sandbox_installed(self) -> bool:
        """Whether the sandbox app is in INSTALLED_APPS."""
        return any(str(app).startswith("scanforpay_django.sandbox") for app in settings.INSTALLED_APPS)

    @property
    def platform_hosts(self) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
        """SCANFORPAY_PLATFORM_HOSTS, dict {environment: {wallet: {name: URL}}}: laid over the wallets' own hosts."""
        return dict(self._read("PLATFORM_HOSTS", {}))

    @property
    def wake_up(self) -> Callable[[], None] | None:
        """SCANFORPAY_WAKE_UP, "celery", "django.tasks" or a callable's dotted path; default none: the worker
        wakes up by itself (``merchant_notify.waking``).

        Without arguments it is called in the background after each commit that leaves something to deliver. Raises
        ImproperlyConfigured.
        """
        path = WAKE_UP_NAMES.get(self._wake_up_name, self._wake_up_name)
        if not path:
            return None
        try:
            found: Callable[[], None] = import_string(path)
        except ImportError as error:
            raise ImproperlyConfigured(f"SCANFORPAY_WAKE_UP: {path!r} cannot be imported: {error}") from error
        return found

    @property
    def has_wake_up(self) -> bool:
        """Whether SCANFORPAY_WAKE_UP is set."""
        return bool(self._wake_up_name)

    @property
    def _wake_up_name(self) -> str:
        return str(self._read("WAKE_UP", None) or "")

    @property
    def verification_files(self) -> Mapping[str, str]:
        """SCANFORPAY_VERIFICATION_FILES, dict of file name -> text: what platforms ask for beside the pay pages."""
        return dict(self._read("VERIFICATION_FILES", {}))

    @property
    def wakes_celery(self) -> bool:
        """Whether SCANFORPAY_WAKE_UP is Celery's, by its name or by its path."""
        return self._wake_up_name in ("celery", WAKE_UP_NAMES["celery"])

    @property
    def outbound_allow(self) -> Sequence[str]:
        """SCANFORPAY_OUTBOUND_ALLOW, list of networks ("127.0.0.0/8") or exact origins ("http://10.1.2.3:8000").

        What is listed is excepted from every rule of the address guard: network, port, scheme, own host. With DEBUG the
        default is this machine: a shop that is being developed runs there.
        """
        return list(self._read("OUTBOUND_ALLOW", LOOPBACK if settings.DEBUG else []))

    @property
    def own_hosts(self) -> set[str]:
        """Host names of this project: a merchant's notifyUrl may not point at them."""
        return {_url_host(self.base_url), *(str(name).lower() for name in self._read("OWN_HOSTS", []))} - {""}

    @property
    def allow_http(self) -> bool:
        """SCANFORPAY_ALLOW_HTTP, bool, default True: merchants may give http addresses (a warning says so)."""
        return bool(self._read("ALLOW_HTTP", True))

    @property
    def trusted_proxies(self) -> int:
        """SCANFORPAY_TRUSTED_PROXIES, int, default 0: how many proxies append to X-Forwarded-For before us."""
        return int(self._read("TRUSTED_PROXIES", 0))

    @property
    def order_lifetime_seconds(self) -> int:
        """SCANFORPAY_ORDER_LIFETIME_SECONDS, int, default 1800, from 300 to 7 days: how long an order may be paid."""
        wanted = int(self._read("ORDER_LIFETIME_SECONDS", 1800))
        return min(max(wanted, MIN_LIFETIME_SECONDS), MAX_LIFETIME_SECONDS)

    @property
    def request_window_seconds(self) -> int:
        """SCANFORPAY_REQUEST_WINDOW_SECONDS, int, default 900: how far a merchant's clock may be off."""
        return int(self._read("REQUEST_WINDOW_SECONDS", 900))

    @property
    def partner_calls_per_minute(self) -> int:
        """SCANFORPAY_PARTNER_CALLS_PER_MINUTE, int, default 0 (no limit): for partners without a limit of their own."""
        return int(self._read("PARTNER_CALLS_PER_MINUTE", 0))

    @property
    def unverified_calls_per_minute(self) -> int:
        """SCANFORPAY_UNPROVEN_CALLS_PER_MINUTE, int, default 120, 0 for no limit: calls with a wrong signature from one
        address. Verified callers are never delayed by it.
        """
        return int(self._read("UNPROVEN_CALLS_PER_MINUTE", 120))

    @property
    def limits_redis_url(self) -> str:
        """SCANFORPAY_LIMITS_REDIS_URL, str, default "": where calls are counted for all processes together."""
        return str(self._read("LIMITS_REDIS_URL", "") or "")

    @property
    def refund_hold_seconds(self) -> float:
        """SCANFORPAY_REFUND_HOLD_SECONDS, number, default 25: how long a refund call waits for a final status."""
        return float(self._read("REFUND_HOLD_SECONDS", 25))

    @property
    def held_calls(self) -> int | None:
        """SCANFORPAY_HELD_CALLS, int or None: how many refund calls wait so in one process at the same time; to the
        others the refund is in progress. None, the default: 2 in a process with threads, none in one without, which
        would answer no other call meanwhile.
        """
        found = self._read("HELD_CALLS", None)
        return None if found is None else int(found)


conf = Conf()
