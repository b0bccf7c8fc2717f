"""Carrying a refund out when the platform does not answer or refuses."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from scanforpay_django.exceptions import PlatformRefused, PlatformTimeout, PlatformUnreachable
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import Order, Refund
from scanforpay_django.wallets.base import RefundResult, RefundState
from tests.merchant import Merchant
from tests.paid_order import figures, order, quick, refund
from tests.scripted import Platform, platform

__all__ = ["order", "platform", "quick"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_refund_without_an_answer_is_found_by_asking(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    def acts_and_hangs(real: Callable[[], object]) -> None:
        real()
        raise PlatformTimeout

    platform.script["refund"] = acts_and_hangs
    assert refund(merchant)["status"] == 0
    assert figures() == (0, 0, 700)
    # The shop takes 0 as failed and asks under another number: refused while the first may still arrive.
    assert refund(merchant, "r2")["code"] == 32
    platform.script.clear()
    Refund.objects.update(next_at=timezone.now())
    poll_platforms()
    assert merchant.call("/api/common/refundQuery", {"refundNo": "r1"})["status"] == 1
    assert list(platform.refunds.values()) == [700]
    assert figures() == (700, 700, 0)


def test_a_refund_that_was_never_sent_is_sent_later(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    platform.script["refund"] = PlatformUnreachable()
    assert refund(merchant)["status"] == 0
    platform.script.clear()
    Refund.objects.update(next_at=timezone.now())
    poll_platforms()
    assert figures() == (700, 700, 0)


def test_a_refused_refund_frees_its_amount_and_may_be_asked_again(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    platform.script["refund"] = PlatformRefused(platform_code="NOT_ENOUGH")
    assert (refund(merchant)["code"], refund(merchant)["status"]) == (2, 2)
    assert figures() == (0, 0, 0)
    first = Refund.objects.get().out_refund_no
    platform.script.clear()
    assert refund(merchant)["status"] == 1
    assert Refund.objects.get().out_refund_no != first
    assert figures() == (700, 700, 0)


@pytest.mark.parametrize(("age", "calls"), [(5, 1), (59, 1), (61, 2)])
def test_what_was_accepted_a_moment_ago_is_not_sent_again(
    merchant: Merchant, order: Order, platform: Platform, age: int, calls: int
) -> None:
    sent = []

    def accept(real: Callable[[], RefundResult]) -> RefundResult:
        sent.append(1)
        return replace(real(), state=RefundState.PROCESSING)

    platform.script["refund"] = accept
    # Its query lags behind.
    platform.script["query_refund"] = lambda real: replace(real(), state=RefundState.NOT_FOUND)
    refund(merchant)
    Refund.objects.update(next_at=timezone.now(), sent_at=timezone.now() - timedelta(seconds=age))
    poll_platforms()
    assert len(sent) == calls
    assert Refund.objects.get().state == "processing"
    assert figures() == (0, 0, 700)
