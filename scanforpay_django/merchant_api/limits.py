"""Who may call from where and how often. Nothing that a stranger does is counted against a partner.

Calls are counted in Redis when SCANFORPAY_LIMITS_REDIS_URL is set, in this process otherwise, and also while Redis does
not answer within 50 ms: a limiter that fails must not stop payments.
"""

import ipaddress
import logging
import threading
import time
from functools import lru_cache

import redis
from django.http import HttpRequest
from django.utils.translation import gettext_noop

from scanforpay_django.client_address import client_address
from scanforpay_django.conf import conf
from scanforpay_django.exceptions import NotAuthorised, TooManyCalls, rule
from scanforpay_django.models import Partner

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60
REDIS_SECONDS = 0.05
#: how long Redis is left alone after it did not answer
BREAK_SECONDS = 5.0
MEMORY_LIMIT = 50_000


class MemoryCounter:
    """Counts in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._counts: dict[str, int] = {}

    def add(self, name: str, window: int) -> int:
        """One more of ``name`` in a window; how many there are."""
        with self._lock:
            if window != self._window or len(self._counts) > MEMORY_LIMIT:
                self._window, self._counts = window, {}
            self._counts[name] = self._counts.get(name, 0) + 1
            return self._counts[name]


class RedisCounter:
    """Counts for all processes together."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS, retry=None
        )
        self._closed_until = 0.0

    def add(self, name: str, window: int) -> int | None:
        """The same; None while Redis does not answer."""
        if time.monotonic() < self._closed_until:
            return None
        key = f"scanforpay:calls:{window}:{name}"
        try:
            pipeline = self._redis.pipeline(transaction=False)
            pipeline.incr(key)
            pipeline.expire(key, 2 * WINDOW_SECONDS)
            count = pipeline.execute()[0]
        except redis.RedisError as error:
            self._closed_until = time.monotonic() + BREAK_SECONDS
            logger.warning("calls are counted in this process only: %s", type(error).__name__)
            return None
        return int(count)


_memory = MemoryCounter()


@lru_cache(maxsize=4)
def _shared(url: str) -> RedisCounter:
    return RedisCounter(url)


def _count_call(name: str, limit: int) -> None:
    """One more call. Raises TooManyCalls above ``limit`` a minute; 0 is no limit."""
    if not limit:
        return
    now = time.time()
    window = int(now // WINDOW_SECONDS)
    url = conf.limits_redis_url
    count = _shared(url).add(name, window) if url else None
    if count is None:
        count = _memory.add(name, window)
    if count > limit:
        raise TooManyCalls(retry_after=int((window + 1) * WINDOW_SECONDS - now) + 1)


@lru_cache(maxsize=1024)
def networks(text: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """The networks and addresses of an allow-list. Raises ValueError naming the first that is none."""
    return tuple(ipaddress.ip_network(word, strict=False) for word in text.replace(",", " ").split())


def _is_allowed(text: str, address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
        mapped = getattr(found, "ipv4_mapped", None)
        return any((mapped or found) in network for network in networks(text))
    except ValueError:
        return False


def check_proven(request: HttpRequest, partner: Partner) -> None:
    """A verified caller's address and rate. Raises NotAuthorised, TooManyCalls."""
    if partner.allowed_addresses.strip():
        address = client_address(request)
        if not _is_allowed(partner.allowed_addresses, address):
            raise NotAuthorised(
                detail=rule(gettext_noop("%(address)s is not in the allow-list."), address=address or "-")
            )
    own = partner.calls_per_minute
    _count_call(f"partner {partner.pk}", conf.partner_calls_per_minute if own is None else own)


def check_unproven(request: HttpRequest) -> None:
    """How often an address may be wrong. Raises TooManyCalls; a verified caller at that address is not held up."""
    _count_call(f"unverified {client_address(request)}", conf.unverified_calls_per_minute)
