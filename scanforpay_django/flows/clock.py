"""Whether this host's clock agrees with the database's: one that is ahead would expire what can still be paid."""

import logging
import socket
import time

from scanforpay_django import clock
from scanforpay_django.models import HostClock, PeriodicRun

logger = logging.getLogger(__name__)

MAX_SKEW_SECONDS = 30
LOOK_SECONDS = 60
MARK = "clock"

_looked_at: int | None = None
_is_right = True


def skew_seconds() -> int:
    """By how much this host's clock is ahead of the database's; negative: behind."""
    before = clock.now()
    PeriodicRun.objects.mark(MARK)
    there = PeriodicRun.objects.values_list("at", flat=True).get(name=MARK)
    here = before + (clock.now() - before) // 2
    return round((here - there).total_seconds())


def _host() -> str:
    return socket.gethostname()[:200]


def is_clock_right() -> bool:
    """Looked at when the process begins and once a minute. While it is wrong each look is an error in the log, and a
    row that the admin and the audit show.
    """
    global _looked_at, _is_right
    now = round(time.monotonic())
    if _looked_at is None or now - _looked_at >= LOOK_SECONDS:
        skew = skew_seconds()
        _looked_at, _is_right = now, abs(skew) <= MAX_SKEW_SECONDS
        if _is_right:
            HostClock.objects.forget(_host())
        else:
            HostClock.objects.record(_host(), skew)
            logger.error(
                "this host's clock differs from the database's by %d s: it expires and closes no order until the clock "
                "is set (is NTP running?)",
                skew,
            )
    return _is_right
