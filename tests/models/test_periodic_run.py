"""Marks of periodic work."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.models import PeriodicRun

pytestmark = pytest.mark.django_db


def test_a_mark_is_one_row_and_grows_old() -> None:
    assert not PeriodicRun.objects.since("sweep", 10).exists()
    for _ in range(2):
        PeriodicRun.objects.mark("sweep")
    assert PeriodicRun.objects.count() == 1
    assert PeriodicRun.objects.since("sweep", 10).exists()
    assert not PeriodicRun.objects.since("clock", 10).exists()
    PeriodicRun.objects.update(at=clock.now() - timedelta(seconds=11))
    assert not PeriodicRun.objects.since("sweep", 10).exists()
