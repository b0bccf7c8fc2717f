"""The sum of refunds that a platform reports is compared with ours, and decides about none of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import Flag, Order, Refund
from scanforpay_django.wallets.base import RefundResult
from tests.merchant import Merchant
from tests.paid_order import figures, order, quick, refund
from tests.scripted import Platform, platform

__all__ = ["order", "platform", "quick"]
pytestmark = pytest.mark.django_db(transaction=True)


def found_by_query(merchant: Merchant, platform: Platform, told: dict[str, object], *, age: int = 5) -> None:
    """A refund of 700 whose end a query tells, together with a sum."""

    def with_sum(real) -> RefundResult:
        return replace(real(), **told)

    platform.script["refund"] = lambda real: replace(real(), state="processing")
    platform.script["query_refund"] = with_sum
    refund(merchant)
    Refund.objects.update(next_at=clock.now(), sent_at=clock.now() - timedelta(minutes=age))
    poll_platforms()


@pytest.mark.parametrize("told", [{"trade_refunded": 700}, {"trade_refunded_text": "7.00"}, {}])
def test_a_sum_that_is_ours_changes_nothing(
    merchant: Merchant, order: Order, platform: Platform, told: dict
) -> None:
    found_by_query(merchant, platform, told)
    assert figures() == (700, 700, 0)
    assert not Flag.objects.exists()


def test_what_the_sum_has_beyond_ours_is_imported_and_flagged(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    found_by_query(merchant, platform, {"trade_refunded_text": "9.00"})
    assert figures() == (900, 900, 0)
    flag = Flag.objects.get()
    assert (flag.kind, flag.details["reported"], flag.details["known"]) == ("refund_sum", 900, 700)
    assert set(Refund.objects.values_list("source", "amount")) == {("api", 700), ("platform", 200)}


@pytest.mark.parametrize(("age", "flags"), [(5, 1), (0, 0)])
def test_a_smaller_sum_is_flagged_unless_it_may_lag(
    merchant: Merchant, order: Order, platform: Platform, age: int, flags: int
) -> None:
    found_by_query(merchant, platform, {"trade_refunded": 100}, age=age)
    assert figures() == (700, 700, 0)
    assert Flag.objects.count() == flags


@pytest.mark.parametrize("text", ["x", "7.001", "-1"])
def test_a_sum_that_does_not_read_says_nothing(
    merchant: Merchant, order: Order, platform: Platform, text: str
) -> None:
    found_by_query(merchant, platform, {"trade_refunded_text": text})
    assert figures() == (700, 700, 0)
    assert not Flag.objects.exists()
