"""Who was last seen alive, and when."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.models import WorkerBeat

pytestmark = pytest.mark.django_db


def age(host: str, **ago: int) -> None:
    WorkerBeat.objects.record(host, "worker")
    WorkerBeat.objects.filter(host=host).update(at=clock.now() - timedelta(**ago))


def test_a_beat_is_late_after_a_minute_and_forgotten_after_a_day() -> None:
    age("pay-1", seconds=20)
    age("pay-2", minutes=6)
    age("pay-3", hours=25)
    assert {beat.host: bool(beat.is_late) for beat in WorkerBeat.objects.lately()} == {
        "pay-1": False,
        "pay-2": True,
    }
    WorkerBeat.objects.record("pay-4", "celery")
    assert sorted(map(str, WorkerBeat.objects.all())) == [
        "pay-1 (worker)",
        "pay-2 (worker)",
        "pay-4 (celery)",
    ]


def test_each_kind_on_a_host_has_one_row() -> None:
    for kind in ("worker", "celery", "worker"):
        WorkerBeat.objects.record("pay-1", kind)
    assert WorkerBeat.objects.count() == 2
    WorkerBeat.objects.forget("pay-1", "worker")
    assert WorkerBeat.objects.get().kind == "celery"
