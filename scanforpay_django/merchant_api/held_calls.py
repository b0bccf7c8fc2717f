"""Calls that wait for a platform: one for each refund in the whole house, and few in each process.

A call that waits has a thread of its web process, and without threads the whole process. Merchants repeat calls that
take long: without a limit the repeats of one refund would hold every process, and other merchants' calls behind them.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache

from django.db.models import Q

from scanforpay_django.conf import conf
from scanforpay_django.models import Refund
from scanforpay_django.models.moments import database_now

#: a process that dies while it waits has the refund's place for so much longer
SPARE = timedelta(seconds=5)
#: in a process with threads
USUAL_PLACES = 2

logger = logging.getLogger(__name__)

_lock = threading.Lock()
_waiting = 0


@contextmanager
def place_to_wait(refund: Refund, *, has_threads: bool) -> Iterator[bool]:
    """Whether this call may wait for the refund's end. Call it outside a transaction.

    ``has_threads``: whether this process answers other calls meanwhile.
    """
    if not _enter(_most(has_threads)):
        yield False
        return
    try:
        claim = _claim(refund)
        try:
            yield claim is not None
        finally:
            if claim is not None:
                # One that came too late belongs to another call by now.
                Refund.objects.filter(pk=refund.pk, held_until=claim).update(held_until=None)
    finally:
        _leave()


def _most(has_threads: bool) -> int:
    wanted = conf.held_calls
    if wanted is not None:
        return wanted
    if not has_threads:
        _say_once()
        return 0
    return USUAL_PLACES


@lru_cache(maxsize=1)
def _say_once() -> None:
    logger.warning(
        "a refund call was answered before the platform's final word: this web process has one thread, and would "
        "answer no other call while it waits. Give it threads (gunicorn --threads 8), or set SCANFORPAY_HELD_CALLS."
    )


def _enter(most: int) -> bool:
    global _waiting
    with _lock:
        if _waiting >= most:
            return False
        _waiting += 1
        return True


def _leave() -> None:
    global _waiting
    with _lock:
        _waiting -= 1


def _claim(refund: Refund) -> datetime | None:
    """One conditional write: of two calls one gets it. Until when it has it; None: another call waits."""
    is_free = Q(held_until=None) | Q(held_until__lte=database_now())
    until = database_now() + timedelta(seconds=conf.refund_hold_seconds) + SPARE
    if not Refund.objects.filter(is_free, pk=refund.pk).update(held_until=until):
        return None
    return Refund.objects.values_list("held_until", flat=True).get(pk=refund.pk)
