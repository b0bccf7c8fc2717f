"""Days are Beijing's."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from scanforpay_django.sandbox.bill_days import day_span, made_at, today

pytestmark = pytest.mark.sqlite
DAY = date(2026, 11, 1)


def test_a_day_ends_at_midnight_in_beijing() -> None:
    assert day_span(DAY) == (datetime(2026, 10, 31, 16, tzinfo=UTC), datetime(2026, 11, 1, 16, tzinfo=UTC))
    assert made_at(DAY) == datetime(2026, 11, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(("hour", "day"), [(15, DAY), (16, date(2026, 11, 2))])
def test_it_is_the_next_day_there_at_four_in_the_afternoon(hour: int, day: date) -> None:
    with time_machine.travel(datetime(2026, 11, 1, hour, 30, tzinfo=UTC)):
        assert today() == day
