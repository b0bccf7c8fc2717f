"""SIGTERM with sends in flight: they are finished, nothing more is begun, nothing is sent twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scanforpay_django.models import Notification, NotificationAttempt
from tests.celery_processes import ROOT, celery_env
from tests.rows import Rows
from tests.story.test_celery import redis_url
from tests.transport.zoo import Zoo
from tests.waiting import wait_for

pytestmark = [
    pytest.mark.row_locks,
    pytest.mark.redis,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]

IN_FLIGHT = 16
SEND_SECONDS = 4.0


def celery(directory: Path) -> list[str]:
    beat = ["-B", "-s", str(directory / "schedule")]
    return [sys.executable, "-m", "celery", "-A", "demo_project", "worker", *beat, "-c", "2", "-l", "info"]


def own_worker(_directory: Path) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), "scanforpay_worker", "--sweep-seconds", "0.2"]


@pytest.mark.parametrize("command", [celery, own_worker])
def test_what_is_in_flight_is_finished_and_nothing_more_is_begun(
    rows: Rows, zoo: Zoo, tmp_path: Path, command: Callable[[Path], list[str]]
) -> None:
    url = zoo.answering(b"success", seconds=SEND_SECONDS)
    for _ in range(IN_FLIGHT):
        rows.notification(url)
    with (tmp_path / "log").open("wb") as log:
        worker = subprocess.Popen(
            command(tmp_path),
            cwd=tmp_path,
            env=celery_env(redis_url()),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        wait_for(lambda: len(zoo.requests) == IN_FLIGHT, 60)
        worker.send_signal(signal.SIGTERM)
        told_at = time.monotonic()
        time.sleep(0.7)
        later = [rows.notification(url) for _ in range(4)]
        worker.wait(timeout=30)
    finally:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        print((tmp_path / "log").read_text(errors="replace")[-3000:])
    assert time.monotonic() - told_at < 20
    delivered = Notification.objects.filter(state="delivered")
    assert (delivered.count(), len(zoo.requests)) == (IN_FLIGHT, IN_FLIGHT)
    assert not NotificationAttempt.objects.filter(notification__in=later).exists()
