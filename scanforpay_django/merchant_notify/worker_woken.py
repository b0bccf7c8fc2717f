"""What wakes the workers of this process: ``worker_woken.send()``, called where new rows become known."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class WakeSignal:
    """Calls everything that waits for rows in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._receivers: tuple[Callable[[], None], ...] = ()

    def send(self) -> None:
        """Call each receiver. From any thread."""
        for receiver in self._receivers:
            receiver()

    @contextmanager
    def calling(self, receiver: Callable[[], None]) -> Iterator[None]:
        """Within it ``receiver`` is called: from any thread, so it must neither block nor raise."""
        with self._lock:
            self._receivers += (receiver,)
        try:
            yield
        finally:
            with self._lock:
                self._receivers = tuple(one for one in self._receivers if one is not receiver)

    def forget(self) -> None:
        """Call nothing any more."""
        self._lock = threading.Lock()
        self._receivers = ()


worker_woken = WakeSignal()

# The receivers are loops of threads that a fork does not copy.
os.register_at_fork(after_in_child=worker_woken.forget)
