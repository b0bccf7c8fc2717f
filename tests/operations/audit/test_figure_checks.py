"""The audit's check of the staff desk's figures."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.models import DailyFigure, FigureMark, Order
from scanforpay_django.operations.audit.figure_checks import FIGURE_CHECKS
from tests.merchant import Merchant
from tests.operations.audit.seeds import at_once, busy, codes, found, is_found_and_repaired
from tests.scripted import platform

__all__ = ["at_once", "busy", "platform"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("code", codes(FIGURE_CHECKS))
def test_a_figure_that_is_wrong_is_found_and_written_anew(busy: Merchant, code: str) -> None:
    is_found_and_repaired(code)


@pytest.mark.parametrize("column", ["created_count", "paid_amount"])
def test_a_day_without_its_row_and_one_with_too_much(busy: Merchant, column: str) -> None:
    FigureMark.objects.begin("backfill", 99)
    day = clock.now() - timedelta(days=5)
    Order.objects.update(created_at=day)
    assert found() == {"figures-differ": False}
    assert found(repair=True) == {"figures-differ": True}
    DailyFigure.objects.filter(created_count__gt=0).update(**{column: 77})
    assert found() == {"figures-differ": False}


@pytest.mark.parametrize(("days", "mark"), [(1, 99), (5, 3)])
def test_a_day_that_the_worker_may_still_come_to_is_no_finding(busy: Merchant, days: int, mark: int) -> None:
    FigureMark.objects.begin("backfill", mark)
    Order.objects.update(created_at=clock.now() - timedelta(days=days))
    assert found() == {}
