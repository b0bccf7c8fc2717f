"""Celery's settings, made for the package."""

import os
import subprocess
import sys

import pytest
from celery import Celery
from kombu import Queue

from scanforpay_django import tasks
from scanforpay_django.operations.celery_settings import ROUTES, add_to_celery, celery_settings
from scanforpay_django.tasks import (
    alarms,
    bill_fees,
    chain,
    deliver,
    figures,
    handlers,
    housekeeping,
    poll_platforms,
    postings,
    reconcile,
    sweep,
)


def test_every_task_has_a_queue_that_a_plain_worker_works_on() -> None:
    names = {queue.name: queue.routing_key for queue in celery_settings(default_queue="mine")["task_queues"]}
    assert all(name == key for name, key in names.items())
    assert "mine" in names
    ours = {
        deliver,
        sweep,
        poll_platforms,
        handlers,
        alarms,
        chain,
        postings,
        figures,
        housekeeping,
        bill_fees,
        reconcile,
    }
    assert ROUTES.keys() == {task.name for task in ours}
    assert {route["queue"] for route in ROUTES.values()} < names.keys()


@pytest.mark.django_db(transaction=True)
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


@pytest.mark.django_db(transaction=True)
def test_the_demo_s_app_finds_the_tasks() -> None:
    environment = {**os.environ, "REDIS_URL": "redis://127.0.0.1:1/0"}
    found = subprocess.run([sys.executable, "-c", CELERY], env=environment, capture_output=True, text=True)
    names = [
        "alarms",
        "bill_fees",
        "chain",
        "deliver",
        "figures",
        "handlers",
        "housekeeping",
        "poll_platforms",
        "postings",
    ]
    assert found.stdout == f"{[*names, 'reconcile', 'sweep']}\n", found.stderr


def test_the_settings_can_be_read_before_django_is_set_up() -> None:
    program = (
        "import sys; from scanforpay_django.operations.celery_settings import celery_settings; celery_settings();"
        "sys.exit('scanforpay_django.models' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_what_the_project_has_stays_as_it_is() -> None:
    app = Celery("shop", set_as_current=False)
    app.conf.update(
        task_time_limit=3600,
        task_acks_late=True,
        result_backend="rpc://",
        task_default_queue="shop",
        task_routes={"shop.tasks.*": {"queue": "shop-slow"}},
        task_queues=[Queue("shop"), Queue("shop-slow")],
        beat_schedule={"nightly": {"task": "shop.tasks.nightly", "schedule": 86400.0}},
    )
    for _ in range(2):
        add_to_celery(app)
    conf = app.conf
    assert (conf.task_time_limit, conf.task_acks_late, conf.result_backend) == (3600, True, "rpc://")
    assert (conf.task_default_queue, conf.task_soft_time_limit) == ("shop", None)
    assert conf.beat_schedule["nightly"]["task"] == "shop.tasks.nightly"
    assert conf.beat_schedule["scanforpay-sweep"]["task"] == sweep.name
    names = [queue.name for queue in conf.task_queues]
    assert names[:2] == ["shop", "shop-slow"]
    assert len(names) == len(set(names)) == 6
    assert app.amqp.router.route({}, "shop.tasks.slow")["queue"].name == "shop-slow"
    assert app.amqp.router.route({}, sweep.name)["queue"].name == "scanforpay.deliver"


def test_a_plain_app_gets_our_queues_beside_its_own() -> None:
    app = Celery("shop", set_as_current=False)
    add_to_celery(app)
    assert app.conf.task_queues[0].name == "celery"
    assert app.conf.task_acks_late is False
    assert app.conf.task_time_limit is None


def test_our_tasks_bring_their_limits() -> None:
    for task in (deliver, sweep, poll_platforms, handlers, alarms, postings, figures, housekeeping):
        assert task.time_limit > task.soft_time_limit > 60
        assert (task.ignore_result, task.acks_late, task.serializer) == (True, False, "json")
