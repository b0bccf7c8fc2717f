"""Recording what a platform says of a refund, once."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from scanforpay_django import clock
from scanforpay_django.exceptions import PlatformError, PlatformRefused, PlatformTimeout
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.flows.record_refund import record_refund_result
from scanforpay_django.models import Flag, Order, Refund
from scanforpay_django.wallets.base import RefundResult, RefundState
from tests.causes import NOTIFICATION
from tests.merchant import Merchant
from tests.paid_order import figures, order, quick, refund
from tests.scripted import Platform, platform

__all__ = ["order", "platform", "quick"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_word_that_arrives_while_it_is_asked_about_counts_once(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    platform.script["refund"] = PlatformTimeout()
    assert refund(merchant)["status"] == 0
    made = Refund.objects.get()

    def is_overtaken(real: Callable[[], object]) -> object:
        answer = real()
        arrived = RefundResult(out_refund_no=made.out_refund_no, state=RefundState.SUCCEEDED, amount=700)
        record_refund_result(made, arrived, NOTIFICATION)
        return answer

    platform.script = {"query_refund": is_overtaken}
    Refund.objects.update(next_at=clock.now())
    poll_platforms()
    assert figures() == (700, 700, 0)
    assert Refund.objects.get().state == "succeeded"


def test_another_amount_is_not_believed(merchant: Merchant, order: Order, platform: Platform) -> None:
    platform.script["refund"] = PlatformTimeout()
    refund(merchant)
    made = Refund.objects.get()
    told = RefundResult(out_refund_no=made.out_refund_no, state=RefundState.SUCCEEDED, amount=1)
    record_refund_result(made, told, NOTIFICATION)
    made.refresh_from_db()
    assert (made.state, made.platform_code) == ("unknown", "another amount")
    assert figures() == (0, 0, 700)


def test_a_refused_refund_that_arrives_all_the_same_is_recorded(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    platform.script["refund"] = PlatformRefused(platform_code="NOT_ENOUGH")
    refund(merchant)
    failed = Refund.objects.get()
    platform.script.clear()
    assert refund(merchant, "r2", 2100)["status"] == 1
    arrived = RefundResult(out_refund_no=failed.out_refund_no, state=RefundState.SUCCEEDED, amount=700)
    record_refund_result(failed, arrived, NOTIFICATION)
    assert figures() == (2100, 2100, 0)
    assert Flag.objects.get().kind == "over_refunded"
    assert Refund.objects.get(refund_no="r1").state == "succeeded"


@pytest.mark.parametrize("state", [RefundState.PROCESSING, RefundState.CLOSED, RefundState.SUCCEEDED])
@pytest.mark.parametrize("word", ["\0", "\ud800", "X" * 100])
def test_a_word_that_no_database_stores_holds_no_refund_up(
    merchant: Merchant, order: Order, platform: Platform, state: RefundState, word: str
) -> None:
    platform.script["refund"] = lambda real: replace(real(), state=state, platform_state=word)
    refund(merchant)
    expected = {RefundState.PROCESSING: "processing", RefundState.CLOSED: "failed"}.get(state, "succeeded")
    assert Refund.objects.get().state == expected


@pytest.mark.parametrize("word", ["\0", "\ud800"])
def test_nor_does_the_code_of_an_error(
    merchant: Merchant, order: Order, platform: Platform, word: str
) -> None:
    platform.script["refund"] = PlatformError(platform_code=word)
    assert refund(merchant)["status"] == 0
    assert Refund.objects.get().state == "unknown"
