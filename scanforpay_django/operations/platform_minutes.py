"""Counts this process's calls to platforms and writes them down from time to time."""

import logging
import os
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError

from scanforpay_django import clock
from scanforpay_django.models import PlatformMinute
from scanforpay_django.models.database import atomic
from scanforpay_django.models.platform_minute import MAX_ERROR_LENGTH, MAX_HOST_LENGTH
from scanforpay_django.operations.figures.durations import find_bucket
from scanforpay_django.wallets.platform_calls import PlatformCall
from scanforpay_django.wallets.platform_text import storable

logger = logging.getLogger(__name__)

#: a call after so many seconds writes down what was counted until then, itself included
WRITE_SECONDS = 5.0
KEPT = timedelta(days=8)
MINUTES_AT_ONCE = 5000
_Key = tuple[str, str, datetime]


@dataclass
class _Count:
    """What one row holds; ``pk`` once it is written."""

    calls: int = 0
    errors: int = 0
    durations: Counter[str] = field(default_factory=Counter)
    last_error: str = ""
    last_error_at: datetime | None = None
    pk: int | None = None

    def add(self, call: PlatformCall, now: datetime) -> None:
        if call.milliseconds is not None:
            self.calls += 1
            self.durations[find_bucket(call.milliseconds / 1000)] += 1
        if call.error:
            self.errors += 1
            self.last_error, self.last_error_at = storable(call.error, MAX_ERROR_LENGTH), now

    def as_columns(self) -> dict[str, Any]:
        return {
            "calls": self.calls,
            "errors": self.errors,
            "durations": dict(self.durations),
            "last_error": self.last_error,
            "last_error_at": self.last_error_at,
        }


class PlatformMinutes:
    """The counts of this process. What was counted last waits for the next call, or is lost with the process."""

    def __init__(self) -> None:
        self._counting = threading.Lock()
        self._writing = threading.Lock()
        self._counts: dict[_Key, _Count] = {}
        self._changed: set[_Key] = set()
        self._written_at = 0.0

    def count(self, call: PlatformCall) -> None:
        """Add a call. Any thread may."""
        now = clock.now()
        key = (call.wallet, call.host[:MAX_HOST_LENGTH], now.replace(second=0, microsecond=0))
        with self._counting:
            self._counts.setdefault(key, _Count()).add(call, now)
            self._changed.add(key)
        if time.monotonic() - self._written_at >= WRITE_SECONDS:
            self.write()

    def write(self) -> None:
        """Write down what has changed, unless another thread does. A database that fails loses the counts only."""
        if not self._writing.acquire(blocking=False):
            return
        try:
            self._written_at = time.monotonic()
            with self._counting:
                rows = [(key, self._counts[key], self._counts[key].as_columns()) for key in self._changed]
                self._changed.clear()
            for key, count, columns in rows:
                _write_row(key, count, columns)
            self._forget_past_minutes()
        except DatabaseError as error:
            logger.warning("The times of calls to platforms could not be written: %s", error)
        finally:
            self._writing.release()

    def _forget_past_minutes(self) -> None:
        before = clock.now() - timedelta(minutes=2)
        with self._counting:
            for key in [key for key in self._counts if key[2] < before and key not in self._changed]:
                del self._counts[key]


def _write_row(key: _Key, count: _Count, columns: dict[str, Any]) -> None:
    wallet, host, minute = key
    with atomic():
        if count.pk is None or not PlatformMinute.objects.filter(pk=count.pk).update(**columns):
            count.pk = PlatformMinute.objects.create(wallet=wallet, host=host, minute=minute, **columns).pk


minutes = PlatformMinutes()


def count_call(*, call: PlatformCall, **_signal: object) -> None:
    """The receiver of ``platform_called``."""
    minutes.count(call)


def _begin_anew() -> None:
    """A forked process writes rows of its own."""
    global minutes
    minutes = PlatformMinutes()


os.register_at_fork(after_in_child=_begin_anew)


def forget_platform_minutes(*, limit: int = MINUTES_AT_ONCE) -> bool:
    """Delete old minutes; whether there may be more."""
    old = PlatformMinute.objects.filter(minute__lt=clock.now() - KEPT)
    pks = list(old.values_list("pk", flat=True)[:limit])
    PlatformMinute.objects.filter(pk__in=pks).delete()
    return len(pks) >= limit
