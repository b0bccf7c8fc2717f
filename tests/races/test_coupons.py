"""One coupon, and payments that are made at the same moment."""

from collections.abc import Iterator
from typing import Any

import pytest

from scanforpay_django.sandbox import console, coupons
from scanforpay_django.sandbox.merchants import issue_wechat_credentials
from scanforpay_django.sandbox.models import Merchant, Trade
from tests.threads import raced

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.row_locks]


def test_a_coupon_for_three_payments_is_used_by_three_of_eight() -> None:
    config, _ = issue_wechat_credentials()
    trades: Iterator[Any] = iter(console.add_trades(Merchant.objects.get(number=config["mchid"]), 8))
    coupons.add(500, "platform", count=3)
    raced(8, lambda: coupons.use(Trade.objects.select_related("merchant").get(pk=next(trades).pk)))
    assert sorted(Trade.objects.values_list("coupon", flat=True)) == [0] * 5 + [500] * 3
