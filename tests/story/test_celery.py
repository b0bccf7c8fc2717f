"""The distributed house: PostgreSQL, Redis and a real Celery worker with beat in a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from scanforpay_django.models import Notification, Order
from tests.house import Shop
from tests.merchant import SIGN_KEY, Merchant, split_verifies
from tests.story.test_story import WALLETS
from tests.waiting import wait_for

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60
#: the worker's banner line
READY = b"ready."


def redis_url() -> str:
    """A database of Redis for each process of the test run."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return f"redis://127.0.0.1:6379/{8 + int(worker) % 8}"


@pytest.fixture
def celery_worker(merchant: Merchant, tmp_path: Path, settings) -> Iterator[subprocess.Popen[bytes]]:
    """``celery -A demo_project worker -B`` on the test's own database."""
    database = connection.settings_dict
    url = f"postgres://{database['USER']}@{database['HOST']}:{database['PORT'] or 5432}/{database['NAME']}"
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "TEST_DATABASE_URL": url,
        "REDIS_URL": redis_url(),
        "PYTHONPATH": str(ROOT),
    }
    log = (tmp_path / "worker.log").open("wb")
    schedule = str(tmp_path / "schedule")
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "demo_project",
        "worker",
        "-B",
        "-s",
        schedule,
        "-c",
        "2",
        "-l",
        "info",
    ]
    worker = subprocess.Popen(
        command, cwd=tmp_path, env=env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        wait_for(lambda: READY in (tmp_path / "worker.log").read_bytes(), READY_SECONDS)
        yield worker
    finally:
        os.killpg(worker.pid, signal.SIGTERM)
        try:
            worker.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        log.close()
        print((tmp_path / "worker.log").read_text(errors="replace")[-3000:])


@pytest.fixture
def bell(settings) -> Iterator[None]:
    """This process rings the worker's bell, as a web process does."""
    from demo_project.celery import app

    app.conf.broker_url = redis_url()
    app.set_default()
    settings.SCANFORPAY_WAKE_UP = "scanforpay_django.merchant_notify.tasks.wake_up"
    yield
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
