"""Whether this Celery worker is shutting down: its children do the work, and only the main process gets the signal."""

import mmap
from typing import Any

from celery.signals import worker_init, worker_shutting_down

# One byte that the children share with the process that forks them.
_stop_byte = mmap.mmap(-1, 1)


def is_stopping() -> bool:
    """Whether no more should be claimed: what is under way is finished, then the worker ends."""
    return _stop_byte[0] != 0


@worker_shutting_down.connect
def _request_stop(**_: Any) -> None:
    _stop_byte[0] = 1


@worker_init.connect
def _clear_stop(**_: Any) -> None:
    """A worker may be started where another has ended."""
    _stop_byte[0] = 0
