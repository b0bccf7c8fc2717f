"""Calls that wait for a platform: one for each refund in the whole house, and few in each process.

A call that waits has a thread of its web process, and often the whole process. Merchants repeat calls that take long:
without a limit the repeats of one refund would hold every process, and other merchants' calls behind them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import Q

from scanforpay_django.conf import conf
from scanforpay_django.models import Refund
from scanforpay_django.models.moments import database_now

#: a process that dies while it waits has the refund's place for so much longer
SPARE = timedelta(seconds=5)

_lock = threading.Lock()
_waiting = 0


@contextmanager
def place_to_wait(refund: Refund) -> Iterator[bool]:
    """Whether this call may wait for the refund's end. Call it outside a transaction."""
    if not _enter():
        yield False
        return
    try:
        is_first = _claim(refund)
        try:
            yield is_first
        finally:
            if is_first:
                Refund.objects.filter(pk=refund.pk).update(held_until=None)
    finally:
        _leave()


def _enter() -> bool:
    global _waiting
    with _lock:
        if _waiting >= conf.held_calls:
            return False
        _waiting += 1
        return True


def _leave() -> None:
    global _waiting
    with _lock:
        _waiting -= 1


def _claim(refund: Refund) -> bool:
    """One conditional write: of two calls one gets it."""
    is_free = Q(held_until=None) | Q(held_until__lte=database_now())
    until = database_now() + timedelta(seconds=conf.refund_hold_seconds) + SPARE
    return bool(Refund.objects.filter(is_free, pk=refund.pk).update(held_until=until))
