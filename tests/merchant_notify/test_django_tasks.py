"""The wake-up through Django's tasks."""

from typing import Any

import django
import pytest
from django.core.checks import run_checks

from scanforpay_django.merchant_notify import waking
from scanforpay_django.models import Notification
from tests.rows import Rows
from tests.transport.zoo import Zoo
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

HAS_TASKS = django.VERSION >= (6, 0)


@pytest.fixture(autouse=True)
def chosen(settings: Any) -> None:
    settings.SCANFORPAY_WAKE_UP = "django.tasks"


@pytest.mark.skipif(not HAS_TASKS, reason="needs Django 6.0: tox -e py312-django60")
def test_the_default_backend_delivers_outside_of_the_request(rows: Rows, zoo: Zoo) -> None:
    rows.notification(zoo.answering(b"success"))
    waking.wake_worker()
    wait_for(lambda: Notification.objects.filter(state="delivered").exists(), 20)


@pytest.mark.skipif(not HAS_TASKS, reason="needs Django 6.0: tox -e py312-django60")
def test_another_backend_is_handed_the_task(rows: Rows, zoo: Zoo, settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "tests.merchant_notify.task_backend.KeepingBackend"}}
    from tests.merchant_notify.task_backend import ENQUEUED

    ENQUEUED.clear()
    waking.wake_worker()
    wait_for(lambda: ENQUEUED == ["scanforpay_django.merchant_notify.django_tasks.deliver"], 20)


@pytest.mark.skipif(HAS_TASKS, reason="needs Django 5.2: tox -e sqlite")
def test_a_django_without_tasks_is_said_by_check() -> None:
    found = [one for one in run_checks(include_deployment_checks=False) if one.id == "scanforpay.E013"]
    assert "django.tasks" in found[0].msg
