"""Medians that are read from histograms."""

import random

import pytest

from scanforpay_django.operations.figures.durations import add_up, find_bucket, find_quantile


@pytest.mark.parametrize("part", [0.05, 0.5, 0.95])
def test_a_quantile_is_within_five_per_cent(part: float) -> None:
    times = sorted(random.Random(7).lognormvariate(2.5, 1) for _ in range(1001))
    histograms = [{find_bucket(one): 1} for one in times]
    found = find_quantile(add_up(histograms), part)
    assert found == pytest.approx(times[round(part * 1000)], rel=0.05)


def test_no_payments_have_no_median() -> None:
    assert find_quantile(add_up([]), 0.5) is None


def test_what_was_paid_before_it_was_opened_took_no_time() -> None:
    """The platform's clock is another one."""
    assert find_bucket(-3) == find_bucket(0)
