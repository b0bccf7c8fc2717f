"""Counting what somebody does in a minute, so that a limit can be kept.

Counted in Redis when SCANFORPAY_LIMITS_REDIS_URL is set, in this process otherwise, and also while Redis does not
answer within 50 ms: a limiter that fails must not stop payments.
"""

import heapq
import threading
import time
from functools import lru_cache
from typing import Protocol

from django.utils.module_loading import import_string

from scanforpay_django.conf import conf
from scanforpay_django.exceptions import TooManyCalls

WINDOW_SECONDS = 60
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


_memory = MemoryCounter()


class SharedCounter(Protocol):
    """Counts for all processes together."""

    def add(self, name: str, window: int) -> int | None:
        """One more of ``name`` in a window; how many there are, None while that cannot be known."""


@lru_cache(maxsize=4)
def _shared(url: str) -> SharedCounter:
    # Loaded where it is used: Redis' client takes 6 MB of each process.
    counter: SharedCounter = import_string("scanforpay_django.operations.redis_counter.RedisCounter")(url)
    return counter


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
