"""A Celery worker that sees no periodic work does it itself: the broker has stopped, or beat has.

Sweeps come through the broker, and so end with it. Each worker's main process watches for the mark that they leave in
the database; after ten seconds without one it starts ``scanforpay_worker`` beside it, and ends that when sweeps come
again. A process of its own has connections of its own and may be ended at any moment, since whatever it does is leased.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

from celery.signals import worker_init, worker_shutdown
from django.db import DatabaseError, connections

from scanforpay_django.models import PeriodicRun
from scanforpay_django.operations.celery_settings import is_swept

logger = logging.getLogger(__name__)

SWEEP = "sweep"
SILENCE_SECONDS = 10.0
LOOK_SECONDS = 2.0
END_SECONDS = 20.0


def is_silent() -> bool:
    """Whether no Celery worker has swept lately; not known while the database is away."""
    try:
        return not PeriodicRun.objects.since(SWEEP, SILENCE_SECONDS).exists()
    except DatabaseError:
        return False
    finally:
        connections.close_all()


class Fallback:
    """Watches in a thread, and keeps at most one process running."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="scanforpay-fallback", daemon=True)

    def start(self) -> None:
        """Begin to watch; the broker and beat have ten seconds to start."""
        self._begins_at = time.monotonic() + SILENCE_SECONDS
        self._thread.start()

    def stop(self) -> None:
        """End the thread and its process."""
        self._stop.set()
        self._thread.join(END_SECONDS)
        self._end_process()

    def look(self) -> None:
        """One look: start what is missing, end what is not needed any more."""
        silent = is_silent()
        if self._process is not None and self._process.poll() is not None:
            self._process = None
        if silent and self._process is None:
            logger.warning("no sweep came for %.0f s: this worker does the periodic work", SILENCE_SECONDS)
            command = [sys.executable, "-m", "django", "scanforpay_worker", "--parent", str(os.getpid())]
            self._process = subprocess.Popen(command, env=_environment())  # noqa: S603 - a command of ours
        elif not silent and self._process is not None:
            logger.warning("sweeps come again: this worker ends what it did instead")
            self._end_process()

    def _watch(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            try:
                if time.monotonic() >= self._begins_at:
                    self.look()
            except Exception:
                logger.exception("the periodic work could not be started")

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment() -> dict[str, str]:
    """With it the process finds the worker's settings and packages."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


_fallback: Fallback | None = None


@worker_init.connect
def _begin(sender: Any = None, **_: Any) -> None:
    """In the worker's main process, before it reaches the broker. Only where Celery is to do the periodic work: a
    project may run ``scanforpay_worker`` instead, and Celery for other things.
    """
    global _fallback
    if _fallback is None and is_swept(sender.app.conf):
        _fallback = Fallback()
        _fallback.start()


@worker_shutdown.connect
def _end(**_: Any) -> None:
    global _fallback
    fallback, _fallback = _fallback, None
    if fallback is not None:
        fallback.stop()
