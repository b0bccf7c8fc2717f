"""The worker's stand-in for sweeps that do not come; tests/chaos/test_broker_stopped.py stops a real broker."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest
from celery import Celery
from celery.signals import worker_init, worker_shutdown

from scanforpay_django import clock, tasks
from scanforpay_django.models import PeriodicRun
from scanforpay_django.operations import celery_fallback
from scanforpay_django.operations.celery_fallback import SWEEP, Fallback, is_silent
from scanforpay_django.operations.celery_settings import add_to_celery, celery_settings
from tests.chaos.services import ROOT
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def age() -> None:
    PeriodicRun.objects.update(at=clock.now() - timedelta(minutes=1))


def test_a_sweep_through_celery_breaks_the_silence() -> None:
    assert is_silent()
    tasks.sweep()
    assert not is_silent()
    age()
    assert is_silent()


@pytest.mark.slow
def test_a_process_runs_while_it_is_silent_and_ends_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.settings")
    fallback = Fallback()
    PeriodicRun.objects.mark(SWEEP)
    fallback.look()
    assert fallback._process is None
    age()
    fallback.look()
    first = fallback._process
    assert isinstance(first, subprocess.Popen)
    fallback.look()
    assert fallback._process is first
    # One that dies is started anew.
    first.kill()
    first.wait()
    fallback.look()
    second = fallback._process
    assert second is not None
    assert second.pid != first.pid
    PeriodicRun.objects.mark(SWEEP)
    fallback.look()
    assert fallback._process is None
    assert wait_for(lambda: second.poll() is not None, 10)


PARENT = """
import os, subprocess, sys, time
command = [sys.executable, "-m", "django", "scanforpay_worker", "--parent", str(os.getpid())]
child = subprocess.Popen(command)
time.sleep(5)
print(child.poll(), flush=True)
time.sleep(600)
"""


@pytest.mark.slow
def test_the_process_ends_when_its_worker_was_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.settings")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"None\n"
        worker.kill()
        # It ends only when the child has closed it too.
        worker.stdout.read()


class Worker:
    """A worker that begins."""

    def __init__(self, app: Celery) -> None:
        self.app = app


@pytest.mark.parametrize(
    ("prepare", "watches"),
    [
        (add_to_celery, True),
        (lambda app: app.conf.update(celery_settings()), True),
        (lambda app: None, False),
    ],
)
def test_only_workers_that_are_to_sweep_watch(
    monkeypatch: pytest.MonkeyPatch, prepare: Callable[[Celery], None], watches: bool
) -> None:
    """A project may run scanforpay_worker, and Celery for other things."""
    started: list[Fallback] = []
    monkeypatch.setattr(celery_fallback, "_fallback", None)
    monkeypatch.setattr(Fallback, "start", lambda self: started.append(self))
    monkeypatch.setattr(Fallback, "stop", lambda self: None)
    app = Celery("shop", set_as_current=False)
    prepare(app)
    worker_init.send(sender=Worker(app))
    worker_shutdown.send(sender=None)
    assert len(started) == watches
