"""The project's SCANFORPAY_ settings: a name that nothing reads, and a value of the wrong kind or range."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Caution

from scanforpay_django.conf import MAX_LIFETIME_SECONDS, MIN_LIFETIME_SECONDS

TAG = "scanforpay"
PREFIX = "SCANFORPAY_"


@dataclass(frozen=True, kw_only=True)
class Kind:
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


def _whole(words: str, low: int, high: int | None = None) -> Kind:
    return Kind(types=(int,), words=words, low=low, high=high)


def _seconds(words: str, low: float) -> Kind:
    return Kind(types=(int, float), words=words, low=low)


_TEXT = Kind(types=(str,), words="a string")
_FLAG = Kind(types=(bool,), words="True or False")
_LIST = Kind(types=(list, tuple), words="a list of strings")
_TABLE = Kind(types=(dict,), words="a dict")
KINDS = {
    "BASE_URL": _TEXT,
    "ENCRYPTION_KEYS": _LIST,
    "WALLETS": _TABLE,
    "SANDBOX_URL": _TEXT,
    "SANDBOX_ALLOWED": _FLAG,
    "PLATFORM_HOSTS": _TABLE,
    "WAKE_UP": _TEXT,
    "VERIFICATION_FILES": _TABLE,
    "OUTBOUND_ALLOW": _LIST,
    "OWN_HOSTS": _LIST,
    "ALLOW_HTTP": _FLAG,
    "TRUSTED_PROXIES": _whole("a number of proxies, 0 or more", 0),
    "ORDER_LIFETIME_SECONDS": _whole(
        f"seconds, from {MIN_LIFETIME_SECONDS} to {MAX_LIFETIME_SECONDS}",
        MIN_LIFETIME_SECONDS,
        MAX_LIFETIME_SECONDS,
    ),
    "REQUEST_WINDOW_SECONDS": _whole("seconds, 0 for no limit", 0),
    "PARTNER_CALLS_PER_MINUTE": _whole("a number, 0 for no limit", 0),
    "UNPROVEN_CALLS_PER_MINUTE": _whole("a number, 0 for no limit", 0),
    "LIMITS_REDIS_URL": _TEXT,
    "REFUND_HOLD_SECONDS": _seconds("seconds, 0 or more", 0),
    "NOTIFY_DEADLINE_SECONDS": _seconds("seconds, 1 or more", 1),
    "NOTIFY_LEASE_SECONDS": _seconds("seconds, 1 or more", 1),
    "NOTIFY_CONCURRENCY": _whole("a number, 1 or more", 1),
    "NOTIFY_ENDPOINT_CAP": _whole("a number, 1 or more", 1),
    "NOTIFY_MAX_TRIES": _whole("a number, 1 or more", 1),
    "NOTIFY_ANSWERS_KEPT_DAYS": _whole("days, 0 or more", 0),
}


@register(TAG)
def check_settings(**_kwargs: Any) -> list[CheckMessage]:
    """E036: a value that cannot be used; W037: a name that nothing reads."""
    return list(_find_wrong())


def _find_wrong() -> Iterator[CheckMessage]:
    for full_name in sorted(set(dir(settings))):
        if not full_name.startswith(PREFIX):
            continue
        name, value = full_name.removeprefix(PREFIX), getattr(settings, full_name)
        if name not in KINDS:
            near = get_close_matches(name, KINDS, n=1)
            hint = f"Did you mean {PREFIX}{near[0]}?" if near else "docs/set-up.md lists the settings."
            yield Caution(f"Nothing reads the setting {full_name}.", hint=hint, id="scanforpay.W037")
        elif value is not None and not KINDS[name].fits(value):
            # The value may be a secret.
            text = f"{full_name} is a {type(value).__name__} that cannot be used: it has to be {KINDS[name].words}."
            yield Error(text, id="scanforpay.E036")
