"""Wake the worker without waiting for it. The table is the queue; a lost wake-up costs seconds, not messages."""

import logging
import os
import threading
import time

from django.db import connections

from scanforpay_django.conf import conf
from scanforpay_django.merchant_notify.worker_channel import can_notify, notify_worker
from scanforpay_django.merchant_notify.worker_woken import worker_woken

logger = logging.getLogger(__name__)

#: between two calls of one process
MIN_INTERVAL_SECONDS = 0.005


class WakeUp:
    """One thread calls at a time, at most once in 5 ms; what comes meanwhile becomes one more call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_ringing = False
        self._is_asked_again = False
        self._has_failed = False

    def ring(self) -> None:
        """Call SCANFORPAY_WAKE_UP, or else send NOTIFY, in the background. Never blocks, never raises."""
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
            time.sleep(MIN_INTERVAL_SECONDS)
            with self._lock:
                self._is_ringing, self._is_asked_again = self._is_asked_again, False
                if not self._is_ringing:
                    return

    def _call(self) -> None:
        try:
            if conf.has_wake_up:
                call_setting()
            elif can_notify():
                notify_worker()
            self._has_failed = False
        except Exception as error:  # noqa: BLE001 - the sweep delivers anyway
            level = logging.DEBUG if self._has_failed else logging.WARNING
            self._has_failed = True
            way = "SCANFORPAY_WAKE_UP" if conf.has_wake_up else "waking the worker by NOTIFY"
            logger.log(level, "%s failed, the sweep will deliver: %r", way, error)
        finally:
            connections.close_all()


def call_setting() -> None:
    """Call what SCANFORPAY_WAKE_UP names. Raises ImproperlyConfigured, and whatever it raises."""
    wake_up = conf.wake_up
    if wake_up is not None:
        wake_up()


_wake_up = WakeUp()


def _renew() -> None:
    global _wake_up
    _wake_up = WakeUp()


# A fork copies a wake-up under way but not the thread that makes it.
os.register_at_fork(after_in_child=_renew)


def wake_worker() -> None:
    """Wake the worker: by the callable in SCANFORPAY_WAKE_UP; without one by NOTIFY, where the database is PostgreSQL
    and its driver psycopg 3. A worker in this process is woken on any database. Never blocks, never raises.
    """
    worker_woken.send()
    _wake_up.ring()


def wake_handlers() -> None:
    """The same for calls of the project's handlers. What SCANFORPAY_WAKE_UP names delivers, and calls none."""
    worker_woken.send()
    if not conf.has_wake_up:
        _wake_up.ring()
