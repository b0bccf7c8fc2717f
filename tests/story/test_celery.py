"""The distributed house: PostgreSQL, Redis and a real Celery worker with beat in a process of its own."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from celery import Celery

from scanforpay_django.models import Notification, Order
from tests.celery_processes import celery, celery_env
from tests.house import Shop
from tests.merchant import SIGN_KEY, Merchant, split_verifies
from tests.story.test_story import WALLETS
from tests.waiting import wait_for

pytestmark = [
    pytest.mark.row_locks,
    pytest.mark.redis,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]

READY_SECONDS = 60
RABBITMQ = "amqp://guest:guest@127.0.0.1:5672//"
#: the worker's banner line
READY = b"ready."


def redis_url() -> str:
    """A database of Redis for each process of the test run."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return f"redis://127.0.0.1:6379/{8 + int(worker) % 8}"


@pytest.fixture
def celery_worker(merchant: Merchant, tmp_path: Path) -> Iterator[Path]:
    """A worker behind Redis; its log."""
    with run_worker(tmp_path, redis_url()) as log:
        yield log


@contextmanager
def run_worker(tmp_path: Path, broker: str) -> Iterator[Path]:
    """``celery -A demo_project worker -B`` on the test's own database; its log."""
    # Celery prefers this to what the project's celery.py says.
    env = celery_env(redis_url(), CELERY_BROKER_URL=broker)
    path = tmp_path / "worker.log"
    log = path.open("wb")
    command = celery("worker", "-B", "-s", str(tmp_path / "schedule"), "-c", "2", "-l", "info")
    worker = subprocess.Popen(
        command, cwd=tmp_path, env=env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        wait_for(lambda: READY in path.read_bytes(), READY_SECONDS)
        yield path
    finally:
        os.killpg(worker.pid, signal.SIGTERM)
        try:
            worker.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        log.close()
        print(path.read_text(errors="replace")[-3000:])


@pytest.fixture
def bell(settings) -> Iterator[None]:
    """This process rings the worker's bell, as a web process does."""
    with ring_through(redis_url(), settings):
        yield


@contextmanager
def ring_through(broker: str, settings: Any) -> Iterator[Celery]:
    """The web process's side of the broker."""
    from demo_project.celery import app

    app.conf.broker_url = broker
    app.set_default()
    settings.SCANFORPAY_WAKE_UP = "celery"
    yield app
    app.close()


@pytest.mark.parametrize(("app", "wallet"), WALLETS)
def test_the_worker_tells_the_merchant(
    merchant: Merchant, shop: Shop, phones, celery_worker: object, bell: None, app: str, wallet: str
) -> None:
    made = merchant.create(wallet=wallet, partnerOrderNo="tea-1", notifyUrl=shop.url)
    phone = phones(app)
    assert phone.confirm(phone.open(made["payUrl"]))["result"] == "ok"
    wait_for(lambda: Notification.objects.filter(state="delivered").exists(), 30)
    assert [told["partnerOrderNo"] for told in shop.told()] == ["tea-1"]
    assert split_verifies(shop.bodies[0].decode(), SIGN_KEY)
    assert shop.told()[0] == merchant.query(partnerOrderNo="tea-1")


def test_the_sweep_tells_when_nobody_rang(
    merchant: Merchant, shop: Shop, phones, celery_worker: object
) -> None:
    made = merchant.create(notifyUrl=shop.url)
    phone = phones("wechat")
    phone.confirm(phone.open(made["payUrl"]))
    wait_for(lambda: Notification.objects.filter(state="delivered").exists(), 30)
    assert Order.objects.get().state == "paid"


def test_two_beats_deliver_nothing_twice(
    merchant: Merchant, shop: Shop, phones, celery_worker: Path, tmp_path: Path
) -> None:
    """Somebody started a second one: each sweep is asked for twice."""
    command, env = celery("beat", "-s", str(tmp_path / "second"), "-l", "info"), celery_env(redis_url())
    path = tmp_path / "beat.log"
    with path.open("wb") as log:
        beat = subprocess.Popen(command, cwd=tmp_path, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(lambda: b"Sending due task scanforpay-sweep" in path.read_bytes(), READY_SECONDS)
        phone = phones("wechat")
        for number in range(5):
            made = merchant.create(partnerOrderNo=f"tea-{number}", notifyUrl=shop.url)
            phone.confirm(phone.open(made["payUrl"]))
        wait_for(lambda: Notification.objects.filter(state="delivered").count() == 5, 60)
    finally:
        beat.terminate()
        beat.wait(30)
    assert sorted(told["partnerOrderNo"] for told in shop.told()) == [f"tea-{number}" for number in range(5)]


# One test: RabbitMQ's queues are shared by all processes of the run.
@pytest.mark.rabbitmq
def test_rabbitmq_carries_wake_ups_and_sweeps(
    merchant: Merchant, shop: Shop, phones, tmp_path: Path, settings: Any
) -> None:
    with ring_through(RABBITMQ, settings) as app:
        app.control.purge()
        with run_worker(tmp_path, RABBITMQ) as log:
            made = merchant.create(partnerOrderNo="tea-1", notifyUrl=shop.url)
            phone = phones("wechat")
            assert phone.confirm(phone.open(made["payUrl"]))["result"] == "ok"
            wait_for(lambda: Notification.objects.filter(state="delivered").exists(), 30)
            wait_for(
                lambda: received(log) >= {"merchant_notify.deliver", "sweep", "poll_platforms", "handlers"},
                30,
            )
            # The broker brought them: the worker had no reason to sweep by itself.
            assert "no sweep came" not in log.read_text()
    assert [told["partnerOrderNo"] for told in shop.told()] == ["tea-1"]


def received(log: Path) -> set[str]:
    """Our tasks that the worker took from the broker."""
    return set(re.findall(r"Task scanforpay_django\.([\w.]+)\[[\w-]+\] received", log.read_text()))
