"""Fees are the rate's, half up."""

import pytest

from scanforpay_django.sandbox.fees import find_fee, five_decimals, two_decimals

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize(
    ("amount", "fee"), [(1, 0), (83, 0), (84, 1), (2100, 13), (700, 4), (10**9, 6 * 10**6)]
)
def test_a_fee_is_rounded_half_up(amount: int, fee: int) -> None:
    assert find_fee(amount) == fee


def test_how_bills_write_them() -> None:
    assert [five_decimals(one) for one in (0, 13, -4)] == ["0.00000", "0.13000", "-0.04000"]
    assert [two_decimals(one) for one in (0, 13, -4)] == ["0.00", "0.13", "-0.04"]
