"""Marks of how far rows were read."""

import pytest

from scanforpay_django import clock
from scanforpay_django.models import FigureMark

pytestmark = pytest.mark.django_db


def test_a_mark_is_never_moved_back() -> None:
    for position in (3, 7, 5):
        FigureMark.objects.begin("order", position)
        FigureMark.objects.move("order", position)
    assert FigureMark.objects.positions() == {"order": 7}


def test_when_the_rows_were_last_read() -> None:
    assert not FigureMark.objects.last_read().exists()
    for _ in range(2):
        FigureMark.objects.stamp()
    read_at = FigureMark.objects.last_read().get().at
    assert abs((clock.now() - read_at).total_seconds()) < 60
