"""Some ``manage.py scanforpay_worker`` that can be stopped in their tracks. Import after the environment is set."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.chaos.services import ROOT, ending_with_us

NUMBER = 2
#: what is imported there has some names hang
DEAF_NAMES = Path(__file__).with_name("deaf_names")


class Workers:
    """On the database of DATABASE_URL."""

    def __init__(self, number: int = NUMBER) -> None:
        self._number = number

    def __enter__(self) -> "Workers":
        self._directory = tempfile.TemporaryDirectory()
        self._log = Path(self._directory.name) / "log"
        self._processes: list[subprocess.Popen[bytes]] = []
        return self

    def __exit__(self, *_: object) -> None:
        self._directory.cleanup()

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Started anew, and killed at the end."""
        command = [sys.executable, "-m", "django", "scanforpay_worker"]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(DEAF_NAMES), str(ROOT)])}
        with self._log.open("wb") as log:
            self._processes = [
                subprocess.Popen(ending_with_us(command), cwd=ROOT, env=env, stdout=log, stderr=log)
                for _ in range(self._number)
            ]
        try:
            yield
        finally:
            for process in self._processes:
                process.kill()
            for process in self._processes:
                process.wait()

    def stop(self) -> None:
        """In their tracks."""
        self._send(signal.SIGSTOP)

    def go_on(self) -> float:
        """The moment at which they did, monotonic seconds."""
        begun = time.monotonic()
        self._send(signal.SIGCONT)
        return begun

    def _send(self, number: int) -> None:
        for process in self._processes:
            process.send_signal(number)

    @staticmethod
    def wake() -> None:
        """As a commit does."""
        from scanforpay_django.merchant_notify.outbox import wake_worker

        wake_worker()

    def log(self) -> str:
        """The end of what they wrote."""
        return self._log.read_text()[-2000:]
