"""Counting what somebody does in a minute, so that a limit can be kept.

Counted in Redis when SCANFORPAY_LIMITS_REDIS_URL is set, in this process otherwise, and also while Redis does not
answer within 50 ms: a limiter that fails must not stop payments.
"""

import heapq
import logging
import threading
import time
from functools import lru_cache

import redis

from scanforpay_django.conf import conf
from scanforpay_django.exceptions import TooManyCalls

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
            if window != self._window:
                self._window, self._counts = window, {}
            elif len(self._counts) >= MEMORY_LIMIT and name not in self._counts:
                self._forget_emptiest()
            self._counts[name] = self._counts.get(name, 0) + 1
            return self._counts[name]

    def _forget_emptiest(self) -> None:
        """Make room: who was counted most often stays, or many strangers would wipe everybody's counts."""
        fullest = heapq.nlargest(MEMORY_LIMIT // 2, self._counts.items(), key=lambda item: item[1])
        self._counts = dict(fullest)


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


def count_call(name: str, limit: int) -> None:
    """One more of ``name``. Raises TooManyCalls above ``limit`` a minute; 0 is no limit."""
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
