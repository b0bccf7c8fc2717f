"""The worker without Celery, the command, and Celery's shells."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from scanforpay_django import tasks
from scanforpay_django.merchant_notify import tasks as delivery_tasks
from scanforpay_django.models import Notification, OAuthState, WalletAccount
from scanforpay_django.operations import worker
from scanforpay_django.operations.housekeeping import forget_sign_ins
from tests.rows import Rows
from tests.transport.zoo import Zoo

pytestmark = pytest.mark.django_db(transaction=True)


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> bool:
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def run(stop: threading.Event, **options: Any) -> threading.Thread:
    thread = threading.Thread(
        target=worker.run_worker, args=(stop,), kwargs={"sweep_seconds": 0.05, **options}
    )
    thread.start()
    return thread


def test_once_delivers_what_is_due(rows: Rows, zoo: Zoo) -> None:
    rows.notification(zoo.answering(b"success"))
    out = StringIO()
    call_command("scanforpay_worker", "--once", stdout=out)
    assert "delivered=1" in out.getvalue()
    assert len(zoo.requests) == 1


def test_the_loop_delivers_what_comes_and_does_the_jobs(rows: Rows, zoo: Zoo) -> None:
    stop, done = threading.Event(), []
    thread = run(stop, jobs=[lambda: done.append(1), lambda: done.append(2)])
    try:
        for _ in range(3):
            rows.notification(zoo.answering(b"success"))
            time.sleep(0.1)
        assert wait_for(lambda: Notification.objects.filter(state="delivered").count() == 3)
        assert {1, 2} <= set(done)
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


@pytest.mark.slow
def test_a_job_that_fails_keeps_no_other_from_being_done(caplog: pytest.LogCaptureFixture) -> None:
    def fails() -> None:
        raise RuntimeError("every time")

    stop, done = threading.Event(), []
    thread = run(stop, jobs=[fails, lambda: done.append(1), fails])
    try:
        assert wait_for(lambda: len(done) > 1)
    finally:
        stop.set()
        thread.join(10)
    assert caplog.text.count("RuntimeError: every time") >= 2


def test_a_message_that_comes_while_another_shop_hangs_does_not_wait(rows: Rows, zoo: Zoo) -> None:
    rows.notification(zoo.answering(b"success", seconds=3))
    stop = threading.Event()
    thread = run(stop)
    try:
        assert wait_for(lambda: len(zoo.requests) == 1)
        other = rows.notification(zoo.answering(b"success"))
        assert wait_for(lambda: Notification.objects.get(pk=other.pk).state == "delivered", 2.5)
    finally:
        stop.set()
        thread.join(10)
    assert Notification.objects.filter(state="delivered").count() == 2


@pytest.mark.slow
def test_hanging_shops_do_not_use_up_the_slots(rows: Rows, zoo: Zoo, settings: Any) -> None:
    settings.SCANFORPAY_NOTIFY_CONCURRENCY = 2
    for _ in range(4):
        rows.notification(zoo.answering(b"success", seconds=4))
    healthy = rows.notification(zoo.answering(b"success"))
    stop = threading.Event()
    thread = run(stop)
    try:
        assert wait_for(lambda: Notification.objects.get(pk=healthy.pk).state == "delivered", 3.9)
    finally:
        stop.set()
        thread.join(10)


def test_the_loop_outlives_the_database(
    rows: Rows, zoo: Zoo, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real, failures = worker.drain, iter([True, True])

    def flaky(**options: Any) -> Any:
        if next(failures, False):
            raise OperationalError("gone")
        return real(**options)

    monkeypatch.setattr(worker, "drain", flaky)
    rows.notification(zoo.answering(b"success"))
    stop = threading.Event()
    thread = run(stop)
    assert wait_for(lambda: Notification.objects.filter(state="delivered").exists())
    stop.set()
    thread.join(10)
    assert caplog.text.count("the database failed") == 2


PROGRAM = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
from django.conf import settings
django.setup()
settings.DATABASES["default"]["NAME"] = sys.argv[1]
from django.core.management import call_command
call_command("scanforpay_worker", "--sweep-seconds", "0.1")
print("end")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_send_under_way_finish(rows: Rows, zoo: Zoo, number: int) -> None:
    notification = rows.notification(zoo.answering(b"success", seconds=1.5))
    name = str(connection.settings_dict["NAME"])
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, name], stdout=subprocess.PIPE, env={**os.environ}, text=True
    )
    try:
        assert wait_for(lambda: len(zoo.requests) == 1, 20)
        later = rows.notification(zoo.answering(b"success"))
        child.send_signal(number)
        out, _ = child.communicate(timeout=20)
    finally:
        child.kill()
        child.wait()
    assert (child.returncode, out) == (0, "end\n")
    notification.refresh_from_db()
    assert notification.state == Notification.State.DELIVERED
    assert later.attempts.count() <= 1


def test_celery_s_shells_drain(rows: Rows, zoo: Zoo) -> None:
    for task in (delivery_tasks.deliver, tasks.sweep):
        rows.notification(zoo.answering(b"success"))
        task()
        assert task.ignore_result
        assert not task.acks_late
    assert len(zoo.requests) == 2


@pytest.mark.parametrize("keeper", ["worker", "celery"])
def test_old_sign_ins_are_all_forgotten_however_many(rows: Rows, keeper: str) -> None:
    store = rows.store()
    order, old = rows.order("", store), timezone.now() - timedelta(days=9)
    account = WalletAccount.objects.create(store=store, wallet="Wechat")
    OAuthState.objects.bulk_create(
        OAuthState(order=order, account=account, token="t", browser="b", payer_id="p") for _ in range(1500)
    )
    OAuthState.objects.update(created_at=old)
    if keeper == "celery":
        tasks.housekeeping()
    else:
        job = next(job for job in worker.periodic_jobs() if job.work is forget_sign_ins)
        stop = threading.Event()
        thread = run(stop, jobs=[job])
        wait_for(lambda: not OAuthState.objects.exists(), 3)
        stop.set()
        thread.join(10)
    assert not OAuthState.objects.exists()


def test_the_wake_up_expires_and_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr(delivery_tasks.deliver, "apply_async", lambda **options: seen.append(options))
    delivery_tasks.wake_up()
    assert seen == [{"expires": 30, "retry": False}]


def test_the_celery_settings_never_wait_long() -> None:
    settings = tasks.celery_settings()
    options = settings["broker_transport_options"]
    assert options["visibility_timeout"] > 2 * settings["task_time_limit"]
    assert settings["beat_schedule"]["scanforpay-sweep"]["task"] == tasks.sweep.name
    assert settings["task_publish_retry"] is False


CELERY = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "demo_project.settings"
import django
django.setup()
from demo_project import celery_app
celery_app.loader.import_default_modules()
print(sorted(name.rsplit(".", 1)[1] for name in celery_app.tasks if name.startswith("scanforpay")))
"""


def test_the_demo_s_app_finds_the_tasks() -> None:
    environment = {**os.environ, "REDIS_URL": "redis://127.0.0.1:1/0"}
    found = subprocess.run([sys.executable, "-c", CELERY], env=environment, capture_output=True, text=True)
    assert found.stdout == "['alarms', 'deliver', 'housekeeping', 'poll_platforms', 'sweep']\n", found.stderr
