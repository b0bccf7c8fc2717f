"""What a process remembers of the database for less than a second."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from scanforpay_django.models.database import connection

SECONDS = 0.9
LIMIT = 10_000

_CacheKey = TypeVar("_CacheKey")
_CachedRow = TypeVar("_CachedRow")


class TtlCache(Generic[_CacheKey, _CachedRow]):
    """What ``load`` found for a key, for as long as it may be used."""

    def __init__(self, load: Callable[[_CacheKey], _CachedRow]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._found: dict[_CacheKey, tuple[float, _CachedRow]] = {}
        self._generation = 0

    def remembered(self, key: _CacheKey) -> _CachedRow | None:
        """The value if it is in memory and fresh, else None; never a query."""
        found = self._found.get(key)
        return found[1] if found is not None and time.monotonic() - found[0] < SECONDS else None

    def get(self, key: _CacheKey) -> _CachedRow:
        """From memory, or loaded now."""
        found = self.remembered(key)
        return self.fresh(key) if found is None else found

    def fresh(self, key: _CacheKey) -> _CachedRow:
        """Loaded now. What was loaded while somebody forgot is not kept, nor what a transaction may take back."""
        generation, moment = self._generation, time.monotonic()
        row = self._load(key)
        if row and not connection().in_atomic_block:
            with self._lock:
                if len(self._found) >= LIMIT:
                    self._found.clear()
                if generation == self._generation:
                    self._found[key] = (moment, row)
        return row

    def forget(self) -> None:
        """Nothing is known any more."""
        with self._lock:
            self._generation += 1
            self._found.clear()
