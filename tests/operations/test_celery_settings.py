"""Celery's settings, made for the package."""

import os
import subprocess
import sys

import pytest

from scanforpay_django import tasks
from scanforpay_django.operations.celery_settings import ROUTES, celery_settings
from scanforpay_django.tasks import alarms, deliver, housekeeping, poll_platforms, sweep


def test_every_task_has_a_queue_that_a_plain_worker_works_on() -> None:
    names = {queue.name: queue.routing_key for queue in celery_settings(default_queue="mine")["task_queues"]}
    assert all(name == key for name, key in names.items())
    assert "mine" in names
    assert ROUTES.keys() == {task.name for task in (deliver, sweep, poll_platforms, alarms, housekeeping)}
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
    assert found.stdout == "['alarms', 'deliver', 'housekeeping', 'poll_platforms', 'sweep']\n", found.stderr


def test_the_settings_can_be_read_before_django_is_set_up() -> None:
    program = (
        "import sys; from scanforpay_django.operations.celery_settings import celery_settings; celery_settings();"
        "sys.exit('scanforpay_django.models' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
