"""Asking a service that may hang: in a thread of its own, for so long and no longer."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from django.db import connections


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A call that was begun, and until when it may take, by ``time.monotonic``."""

    future: "Future[None]"
    until: float

    def find_failure(self) -> Exception | None:
        """Wait for its end: None where all went well, a TimeoutError where it did not end in time."""
        try:
            self.future.result(timeout=max(0.0, self.until - time.monotonic()))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            return error
        return None


class Asking:
    """The calls of a process that have not ended. One that hangs is waited for, and not begun a second time: who opens
    the page again and again does not gather threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._futures: dict[str, Future[None]] = {}

    def begin(self, name: str, seconds: float, call: Callable[[], object]) -> Asked:
        """Call it, unless the last call of this name goes on still."""
        with self._lock:
            future = self._futures.get(name)
            if future is None or future.done():
                future = self._futures[name] = Future()
                # A daemon: one that hangs does not keep the process from ending.
                threading.Thread(target=_run, args=(future, call), daemon=True, name=f"ask-{name}").start()
        return Asked(future=future, until=time.monotonic() + seconds)


def _run(future: "Future[None]", call: Callable[[], object]) -> None:
    try:
        call()
    except Exception as error:  # noqa: BLE001 - who asked gets it
        future.set_exception(error)
    else:
        future.set_result(None)
    finally:
        # A storage may be in the database: the thread's connection ends with it.
        connections.close_all()


asking = Asking()
