"""The project's SCANFORPAY_ settings: a name that nothing reads, and a value of the wrong kind or range."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_network
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Caution

from scanforpay_django.conf import CHECK_TAG, MAX_LIFETIME_SECONDS, MIN_LIFETIME_SECONDS
from scanforpay_django.wire import ANY_WALLET

PREFIX = "SCANFORPAY_"


@dataclass(frozen=True, kw_only=True)
class SettingKind:
    """What a setting's value has to be."""

    types: tuple[type, ...]
    # for people
    words: str
    low: float | None = None
    high: float | None = None

    def fits(self, value: Any) -> bool:
        """Whether the value is of the kind and in the range; True is no number."""
        if not isinstance(value, self.types) or (isinstance(value, bool) and bool not in self.types):
            return False
        number: Any = value
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)


def _whole_number(words: str, low: int, high: int | None = None) -> SettingKind:
    return SettingKind(types=(int,), words=words, low=low, high=high)


def _number_of_seconds(words: str, low: float) -> SettingKind:
    return SettingKind(types=(int, float), words=words, low=low)


_STRING = SettingKind(types=(str,), words="a string")
_FLAG = SettingKind(types=(bool,), words="True or False")
_LIST = SettingKind(types=(list, tuple), words="a list of strings")
_TABLE = SettingKind(types=(dict,), words="a dict")
SETTING_KINDS = {
    "BASE_URL": _STRING,
    "ENCRYPTION_KEYS": _LIST,
    "CHAIN_KEYS": _LIST,
    "CHAIN_MAIL_TO": _LIST,
    "WALLETS": _TABLE,
    "SANDBOX_URL": _STRING,
    "SANDBOX_ALLOWED": _FLAG,
    "PLATFORM_HOSTS": _TABLE,
    "WAKE_UP": _STRING,
    "VERIFICATION_FILES": _TABLE,
    "OUTBOUND_ALLOW": _LIST,
    "OWN_HOSTS": _LIST,
    "ALLOW_HTTP": _FLAG,
    "TRUSTED_PROXIES": _whole_number("a number of proxies, 0 or more", 0),
    "ORDER_LIFETIME_SECONDS": _whole_number(
        f"seconds, from {MIN_LIFETIME_SECONDS} to {MAX_LIFETIME_SECONDS}",
        MIN_LIFETIME_SECONDS,
        MAX_LIFETIME_SECONDS,
    ),
    "REQUEST_WINDOW_SECONDS": _whole_number("seconds, 0 for no limit", 0),
    "PARTNER_CALLS_PER_MINUTE": _whole_number("a number, 0 for no limit", 0),
    "UNPROVEN_CALLS_PER_MINUTE": _whole_number("a number, 0 for no limit", 0),
    "LIMITS_REDIS_URL": _STRING,
    "REFUND_HOLD_SECONDS": _number_of_seconds("seconds, 0 or more", 0),
    "HELD_CALLS": _whole_number("a number, 0 for none", 0),
    "NOTIFY_DEADLINE_SECONDS": _number_of_seconds("seconds, 1 or more", 1),
    "NOTIFY_LEASE_SECONDS": _number_of_seconds("seconds, 1 or more", 1),
    "NOTIFY_CONCURRENCY": _whole_number("a number, 1 or more", 1),
    "NOTIFY_ENDPOINT_CAP": _whole_number("a number, 1 or more", 1),
    "NOTIFY_ENDPOINT_CAP_MAX": _whole_number("a number, 1 or more", 1),
    "NOTIFY_MAX_TRIES": _whole_number("a number, 1 or more", 1),
    "NOTIFY_ANSWERS_KEPT_DAYS": _whole_number("days, 0 or more", 0),
    "BILL_STORAGE": _STRING,
    "BILL_OVER_HTTP": _FLAG,
    "FUND_BILLS": _FLAG,
    "METRICS_TOKEN": _STRING,
    "METRICS_NETWORKS": _LIST,
    "BILL_LINES_DAYS": _whole_number("days, 0 for ever", 0),
}


def _find_no_network(value: Any) -> str:
    """The first of a list that is none; "" where all are, or where it is no list."""
    for network in value if isinstance(value, list | tuple) else ():
        try:
            ip_network(str(network), strict=False)
        except ValueError:
            return str(network)
    return ""


@register(CHECK_TAG)
def check_settings(**_kwargs: Any) -> list[CheckMessage]:
    """E036: a value that cannot be used; W037: a name that nothing reads."""
    return list(_find_wrong())


def _find_wrong() -> Iterator[CheckMessage]:
    for full_name in sorted(set(dir(settings))):
        if not full_name.startswith(PREFIX):
            continue
        name, value = full_name.removeprefix(PREFIX), getattr(settings, full_name)
        if name not in SETTING_KINDS:
            near = get_close_matches(name, SETTING_KINDS, n=1)
            hint = f"Did you mean {PREFIX}{near[0]}?" if near else "docs/set-up.md lists the settings."
            yield Caution(f"Nothing reads the setting {full_name}.", hint=hint, id="scanforpay.W037")
        elif name == "WALLETS" and isinstance(value, Mapping) and ANY_WALLET in value:
            text = f"{full_name} names a wallet {ANY_WALLET!r}, which stands for every wallet of a store."
            yield Error(text, hint="Give it another name.", id="scanforpay.E036")
        elif name == "BILL_STORAGE" and isinstance(value, str) and value and value not in settings.STORAGES:
            text = f"{full_name} is {value!r}, which STORAGES does not have."
            yield Error(text, hint="Name one of STORAGES whose files are not served.", id="scanforpay.E036")
        elif name == "METRICS_NETWORKS" and (network := _find_no_network(value)):
            text = f"{full_name} names {network!r}, which is no network."
            yield Error(text, hint="Write it as 10.0.0.0/8 or 192.0.2.7.", id="scanforpay.E036")
        elif value is not None and not SETTING_KINDS[name].fits(value):
            # The value may be a secret.
            wanted = SETTING_KINDS[name].words
            text = f"{full_name} is a {type(value).__name__} that cannot be used: it has to be {wanted}."
            yield Error(text, id="scanforpay.E036")
