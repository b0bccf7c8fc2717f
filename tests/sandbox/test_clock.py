"""Beijing time."""

from datetime import UTC, datetime

import pytest

from scanforpay_django.sandbox.clock import read_wall_clock, rfc3339, wall_clock

MOMENT = datetime(2018, 6, 8, 2, 34, 56, tzinfo=UTC)


def test_a_moment_is_written_in_both_forms():
    assert rfc3339(MOMENT) == "2018-06-08T10:34:56+08:00"
    assert wall_clock(MOMENT) == "2018-06-08 10:34:56"
    assert read_wall_clock("2018-06-08 10:34:56") == MOMENT


@pytest.mark.parametrize("text", ["2018-6-8 10:34:56", "2018-06-08T10:34:56", "2018-06-08 10:34", ""])
def test_another_form_is_refused(text):
    with pytest.raises(ValueError, match=r"\w"):
        read_wall_clock(text)
