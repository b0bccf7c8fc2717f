"""The periodic Celery tasks do their work."""

from typing import Any

import pytest

from scanforpay_django import tasks
from scanforpay_django.merchant_notify import tasks as delivery_tasks
from scanforpay_django.models import WorkerBeat
from scanforpay_django.periodic import PeriodicJob
from tests.rows import Rows
from tests.transport.zoo import Zoo


@pytest.mark.django_db(transaction=True)
def test_celery_s_shells_drain(rows: Rows, zoo: Zoo) -> None:
    for task in (delivery_tasks.deliver, tasks.sweep):
        rows.notification(zoo.answering(b"success"))
        task()
        assert task.ignore_result
        assert not task.acks_late
    assert len(zoo.requests) == 2
    # The overview says when no sweep has come for a minute.
    assert WorkerBeat.objects.get().kind == "celery"


def test_a_task_works_until_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [True, True, False, 7]
    monkeypatch.setattr(PeriodicJob, "load", lambda self: [lambda: answers.pop(0)] * 2)
    tasks.alarms()
    assert answers == []


def test_a_task_stops_when_its_worker_is_asked_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(PeriodicJob, "load", lambda self: [lambda: not calls.append(1)])
    monkeypatch.setattr(tasks, "is_stopping", lambda: len(calls) == 3)
    tasks.housekeeping()
    assert len(calls) == 3
