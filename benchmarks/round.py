"""One round of one variant: ``python -m benchmarks.round VARIANT ROWS PORT ENDPOINTS``; prints deliveries a second.

A Celery worker with two processes is started and warmed up, then stopped in its tracks (SIGSTOP) while the rows are
committed and their tasks published. The clock runs from SIGCONT to the last recorded result. Run by ``throughput`` and
``delivery``.
"""

import os
import random
import signal
import subprocess
import sys
import time

import django

from tests.chaos.services import ROOT

variant, rows, port, endpoints = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
#: what each endpoint gets before the clock starts, up to so many in all
MAX_WARM_UP = 200
os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.project.settings"
os.environ["BENCH_VARIANT"] = variant
django.setup()

from django.db import connection  # noqa: E402

from benchmarks.merchants import origin  # noqa: E402
from benchmarks.plain.models import Delivery  # noqa: E402
from benchmarks.plain.tasks import deliver, deliver_tuned  # noqa: E402
from benchmarks.project.celery import app  # noqa: E402
from benchmarks.rows import prepared, save  # noqa: E402
from scanforpay_django.merchant_notify.tasks import wake_up  # noqa: E402
from scanforpay_django.models import Notification, Order, Partner, Store  # noqa: E402
from tests.chaos.events import seed  # noqa: E402

CONTENT = '{"header":{"version":"1.0","partnerNo":"10001","respMsgId":"x"},"body":{"code":1,"orderNo":"%s","status":1}}'


class Ours:
    """Everything on: lease, attempt log, address guard, deadline, two signatures, breaker, statistics."""

    #: what is analysed before the clock starts; "": all
    table = ""

    def __init__(self) -> None:
        self._stores = list(Store.objects.select_related("partner")) or seed(endpoints)

    def prepare(self, number: int) -> None:
        """Committed as settling commits them, in bulk."""
        start = Order.objects.count()
        urls = [f"{origin(at, port)}/n" for at in range(endpoints)]
        made = prepared(self._stores, urls, range(start, start + number))
        random.shuffle(made)
        save(made)
        for _ in range(2):
            wake_up()

    def left(self) -> bool:
        """Whether anything is not recorded."""
        # By the partial index, whose condition has the second part.
        return Notification.objects.filter(state="pending", attempt_count__gte=0).order_by().exists()

    def check(self, number: int) -> None:
        """That all were delivered."""
        assert Notification.objects.filter(state="delivered").count() >= number


class Plain:
    """A task and requests."""

    # Beside it may be a backlog whose statistics are to stay as they are.
    table = Delivery._meta.db_table
    task = deliver

    def prepare(self, number: int) -> None:
        """Rows, then a task each."""
        made = Delivery.objects.bulk_create(
            Delivery(url=f"{origin(at % endpoints, port)}/n", content=CONTENT % at, key="k" * 43)
            for at in range(number)
        )
        for row in made:
            self.task.delay(row.pk)

    def left(self) -> bool:
        """Whether anything is not recorded."""
        return Delivery.objects.filter(state="pending").exists()

    def check(self, number: int) -> None:
        """That all were delivered."""
        assert Delivery.objects.filter(state="delivered").count() >= number


class Tuned(Plain):
    """One Session, connections reused."""

    task = deliver_tuned


class Peer:
    """django-webhook or django-webhook2, whichever is installed."""

    table = ""

    def __init__(self) -> None:
        from django_webhook import models

        self._models = models
        self._sent = 0
        if not models.Webhook.objects.exists():
            for at in range(endpoints):
                webhook = models.Webhook.objects.create(url=f"{origin(at, port)}/n")
                models.WebhookSecret.objects.create(webhook=webhook, token="t" * 43)
        self._webhooks = list(models.Webhook.objects.all())

    def prepare(self, number: int) -> None:
        """A task each; django-webhook2 commits its row before."""
        from django_webhook.tasks import fire_webhook

        self._sent = self._models.WebhookEvent.objects.count() + number
        is_second = hasattr(self._models.WebhookEvent, "attempts")
        for at in range(number):
            webhook = self._webhooks[at % endpoints]
            payload, extra = CONTENT % at, {}
            if is_second:
                event = self._models.WebhookEvent.objects.create(
                    webhook=webhook, object={"a": payload}, url=webhook.url, topic="a.B/create"
                )
                extra = {"webhook_event_id": event.pk}
            fire_webhook.delay(webhook.pk, payload, topic="a.B/create", object_type="a.B", **extra)

    def left(self) -> bool:
        """Whether anything is not recorded."""
        return self._models.WebhookEvent.objects.filter(status="SUCCESS").count() < self._sent

    def check(self, number: int) -> None:
        """That all were delivered."""
        assert not self.left()


VARIANTS = {"ours": Ours, "plain": Plain, "plain-tuned": Tuned, "peer": Peer, "peer-tuned": Peer}


def wait(work: object, seconds: float) -> None:
    """Until nothing is left."""
    ends_at = time.monotonic() + seconds
    while work.left():  # type: ignore[attr-defined]
        if time.monotonic() > ends_at:
            raise SystemExit(f"{variant}: not done in {seconds} s")
        time.sleep(0.02)


def main() -> None:
    """Warm up, prepare, measure."""
    work = VARIANTS[variant]()
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "benchmarks.project.celery",
        "worker",
        "-c",
        "2",
        "-l",
        "error",
    ]
    worker = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        work.prepare(min(2 * endpoints, MAX_WARM_UP))
        wait(work, 60)
        time.sleep(1)
        os.killpg(worker.pid, signal.SIGSTOP)
        work.prepare(rows)
        with connection.cursor() as cursor:
            analyze = "VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE TABLE"
            cursor.execute(f"{analyze} {work.table}")
        begun = time.monotonic()
        os.killpg(worker.pid, signal.SIGCONT)
        wait(work, 300)
        took = time.monotonic() - begun
        work.check(rows)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        app.control.purge()
    print(f"{rows / took:.1f}")


if __name__ == "__main__":
    main()
    assert Partner.objects.exists() or variant != "ours"
