"""Alipay's kinds of bills."""

import pytest

from scanforpay_django.wallets.alipay.bill import ALIPAY_BILL_TYPES

pytestmark = pytest.mark.sqlite


def test_they_are_named_as_the_platform_names_them() -> None:
    assert set(ALIPAY_BILL_TYPES) == {"trade", "signcustomer"}
