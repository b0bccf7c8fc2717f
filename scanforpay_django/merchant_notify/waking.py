"""Wake the worker without waiting for it. The table is the queue; a lost wake-up costs seconds, not messages."""

import logging
import os
import threading

from django.db import connections

from scanforpay_django.conf import conf

logger = logging.getLogger(__name__)


class WakeUp:
    """One thread calls at a time; what comes meanwhile becomes one more call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_ringing = False
        self._is_asked_again = False
        self._has_failed = False

    def ring(self) -> None:
        """Call SCANFORPAY_WAKE_UP in the background. Never blocks, never raises."""
        with self._lock:
            if self._is_ringing:
                self._is_asked_again = True
                return
            self._is_ringing = True
        try:
            threading.Thread(target=self._run, name="scanforpay-wake-up", daemon=True).start()
        except RuntimeError:  # no more threads
            self._is_ringing = False

    def _run(self) -> None:
        while True:
            self._call()
            with self._lock:
                self._is_ringing, self._is_asked_again = self._is_asked_again, False
                if not self._is_ringing:
                    return

    def _call(self) -> None:
        try:
            wake_up = conf.wake_up
            if wake_up is not None:
                wake_up()
            self._has_failed = False
        except Exception as error:  # noqa: BLE001 - the sweep delivers anyway
            level = logging.DEBUG if self._has_failed else logging.WARNING
            self._has_failed = True
            logger.log(level, "SCANFORPAY_WAKE_UP failed, the sweep will deliver: %r", error)
        finally:
            connections.close_all()


_wake_up = WakeUp()


def _renew() -> None:
    global _wake_up
    _wake_up = WakeUp()


# A fork copies a wake-up under way but not the thread that makes it.
os.register_at_fork(after_in_child=_renew)


def wake_worker() -> None:
    """Wake the worker by the callable in SCANFORPAY_WAKE_UP, if there is one. Never blocks, never raises."""
    _wake_up.ring()
