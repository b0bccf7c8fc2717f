"""Waking a Celery worker while Redis is refused or silent: merchants and platforms notice nothing."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery, current_app

from scanforpay_django.merchant_notify import tasks as delivery_tasks
from scanforpay_django.merchant_notify import waking
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.models import Notification
from scanforpay_django.operations.celery_settings import celery_settings
from scanforpay_django.tasks import sweep
from tests.merchant import seed_merchant
from tests.platform import WeChatNotice, give_credentials, open_payment
from tests.transport.zoo import Zoo, closed_port, never_reads

pytestmark = pytest.mark.django_db(transaction=True)

# The broker's own time limits are 2 and 5 seconds: whoever waited for it would need longer than this.
UNHARMED_SECONDS = 1.5


@pytest.fixture(params=["refused", "black hole"])
def broken_redis(
    request: pytest.FixtureRequest, zoo: Zoo, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Celery with our settings and a broker that is not there."""
    is_refused = request.param == "refused"
    port = closed_port() if is_refused else int(zoo.cage(never_reads).rpartition(":")[2])
    before = current_app._get_current_object()
    app = Celery("broken", broker=f"redis://127.0.0.1:{port}/0")
    app.conf.update(celery_settings())
    app.set_current()
    app.set_default()
    settings.SCANFORPAY_WAKE_UP = "scanforpay_django.merchant_notify.tasks.wake_up"
    monkeypatch.setattr(waking, "_wake_up", waking.WakeUp())
    yield
    for connection in list(zoo._open):
        connection.close()
    wait_for_the_bell()
    before.set_current()
    before.set_default()


def wait_for_the_bell() -> None:
    for thread in threading.enumerate():
        if thread.name == "scanforpay-wake-up":
            thread.join(20)


@pytest.mark.slow
def test_create_and_notify_are_unharmed_and_the_sweep_delivers(broken_redis: None, zoo: Zoo) -> None:
    merchant = seed_merchant()
    give_credentials(merchant)
    shop = zoo.answering(b"success")
    # The first call of a process imports half of Django: that is not what is measured.
    open_payment(merchant, "Wechat")
    took = []
    for _ in range(3):
        begun = time.monotonic()
        payment = open_payment(merchant, "Wechat", notifyUrl=f"{shop}/n")
        took.append(time.monotonic() - begun)
        begun = time.monotonic()
        assert WeChatNotice(payment).send().status_code == 200
        took.append(time.monotonic() - begun)
    assert max(took) < UNHARMED_SECONDS
    assert Notification.objects.filter(state="pending").count() == 3
    sweep()
    assert Notification.objects.filter(state="delivered").count() == 3
    assert len(zoo.requests) == 3


@pytest.mark.slow
def test_a_wake_up_that_cannot_be_sent_gives_up_by_itself(
    broken_redis: None, caplog: pytest.LogCaptureFixture
) -> None:
    begun = time.monotonic()
    waking.wake_worker()
    assert time.monotonic() - begun < UNHARMED_SECONDS
    wait_for_the_bell()
    assert time.monotonic() - begun < 15
    assert "SCANFORPAY_WAKE_UP failed" in caplog.text
    assert drain().claimed == 0


def test_the_wake_up_expires_and_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr(delivery_tasks.deliver, "apply_async", lambda **options: seen.append(options))
    delivery_tasks.wake_up()
    (options,) = seen
    assert (options["expires"], options["retry"]) == (30, False)
