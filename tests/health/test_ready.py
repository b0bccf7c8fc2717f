"""``/readyz``."""

from datetime import timedelta

import pytest
from django.test import Client

from scanforpay_django import clock
from scanforpay_django.models import WorkerBeat
from tests.merchant import Merchant
from tests.rows import Rows

pytestmark = [pytest.mark.urls("tests.health.urls"), pytest.mark.django_db]


def ask() -> tuple[int, dict[str, str]]:
    answer = Client().get("/readyz")
    assert answer.json()["ok"] is (answer.status_code == 200)
    return answer.status_code, answer.json()["checks"]


def test_without_a_worker_it_is_red() -> None:
    assert ask() == (503, {"database": "ok", "migrations": "ok", "workers": "problem", "queue": "ok"})


def test_a_worker_that_was_seen_turns_it_green_and_red_within_a_minute_of_its_end() -> None:
    WorkerBeat.objects.record("web-1", WorkerBeat.Kind.WORKER)
    assert ask()[0] == 200
    WorkerBeat.objects.update(at=clock.now() - timedelta(seconds=46))
    assert ask() == (503, {"database": "ok", "migrations": "ok", "workers": "problem", "queue": "ok"})


def test_a_notification_that_is_not_tried_turns_it_red(merchant: Merchant, rows: Rows) -> None:
    WorkerBeat.objects.record("web-1", WorkerBeat.Kind.WORKER)
    rows.notification("http://127.0.0.1:81/", next_at=clock.now() - timedelta(minutes=6))
    assert ask()[1]["queue"] == "problem"


def test_a_merchant_that_is_down_does_not(merchant: Merchant, rows: Rows) -> None:
    WorkerBeat.objects.record("web-1", WorkerBeat.Kind.WORKER)
    waiting = rows.notification("http://127.0.0.1:81/", next_at=clock.now() - timedelta(minutes=6))
    waiting.attempts.create(number=1)
    assert ask()[1]["queue"] == "ok"
