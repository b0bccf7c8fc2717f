"""The broker has stopped, not only lost its keys: deliveries go on until it is back, and after that."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanforpay_django.models import Notification, PeriodicRun
from scanforpay_django.operations.celery_fallback import SILENCE_SECONDS, SWEEP
from tests.celery_processes import celery, celery_env
from tests.chaos.services import Redis
from tests.rows import Rows
from tests.transport.zoo import Zoo
from tests.waiting import wait_for

#: the whole of it: REDIS_STOPPED_SECONDS=600
STOPPED_SECONDS = float(os.environ.get("REDIS_STOPPED_SECONDS", "0"))
PAUSE_SECONDS = 10
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.slow,
    pytest.mark.timeout(600 + STOPPED_SECONDS),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def broker() -> Iterator[Redis]:
    """A Redis of the test's own."""
    with Redis() as redis:
        yield redis


def supervise(command: list[str], env: dict[str, str], path: Path, stop: threading.Event) -> None:
    """Start the worker again whenever it ends, as a supervisor does: Celery ends with "Unrecoverable error" when Redis
    goes while a task is unacknowledged (seen with Celery 5.7 and kombu 5.7).
    """
    with path.open("ab") as log:
        while not stop.is_set():
            worker = subprocess.Popen(
                command,
                cwd=path.parent,
                env=env,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            while worker.poll() is None and not stop.wait(0.2):
                pass
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGTERM)
            try:
                worker.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(worker.pid, signal.SIGKILL)
                worker.wait()


@pytest.fixture
def worker_log(broker: Redis, tmp_path: Path) -> Iterator[Path]:
    """A Celery worker with beat on the test's database; what it says."""
    path = tmp_path / "worker.log"
    command = celery("worker", "-B", "-s", str(tmp_path / "beat"), "-c", "1", "-l", "info")
    stop = threading.Event()
    supervisor = threading.Thread(target=supervise, args=(command, celery_env(broker.url), path, stop))
    supervisor.start()
    try:
        yield path
    finally:
        stop.set()
        supervisor.join()
    print(path.read_text(errors="replace")[-4000:])


def is_swept() -> bool:
    return PeriodicRun.objects.since(SWEEP, SILENCE_SECONDS).exists()


def test_deliveries_go_on_while_redis_is_stopped(
    rows: Rows, zoo: Zoo, broker: Redis, worker_log: Path
) -> None:
    wait_for(is_swept, 120)
    broker.__exit__()
    ends_at, delays = time.monotonic() + STOPPED_SECONDS, []
    while not delays or time.monotonic() < ends_at:
        told, began = rows.notification(zoo.answering(b"success")), time.monotonic()
        wait_for(lambda pk=told.pk: Notification.objects.filter(pk=pk, state="delivered").exists(), 120)
        delays.append(time.monotonic() - began)
        time.sleep(PAUSE_SECONDS if STOPPED_SECONDS else 0)
    print(
        f"{len(delays)} notifications while Redis was stopped: the slowest was delivered after {max(delays):.1f} s"
    )
    assert "this worker does the periodic work" in worker_log.read_text()
    broker.__enter__()
    wait_for(is_swept, 120)
    wait_for(lambda: "sweeps come again" in worker_log.read_text(), 120)
