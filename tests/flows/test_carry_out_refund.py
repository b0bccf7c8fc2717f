"""Carrying a refund out when the platform does not answer or refuses."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.exceptions import PlatformRefused, PlatformTimeout, PlatformUnreachable
from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.flows.record_refund import record_refund_result
from scanforpay_django.models import Order, Refund
from scanforpay_django.wallets.base import RefundResult, RefundState
from tests.causes import NOTIFICATION
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
    Refund.objects.update(next_at=clock.now())
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
    Refund.objects.update(next_at=clock.now())
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
    Refund.objects.update(next_at=clock.now(), sent_at=clock.now() - timedelta(seconds=age))
    poll_platforms()
    assert len(sent) == calls
    assert Refund.objects.get().state == "processing"
    assert figures() == (0, 0, 700)


def test_whoever_lost_the_lease_writes_nothing(merchant: Merchant, order: Order, platform: Platform) -> None:
    """Worker A is paused in its call; B sends the refund and the platform pays; A wakes and says "refused"."""

    def a_sleeps(_real: Callable[[], object]) -> object:
        platform.script["refund"] = lambda real: real()
        expire_lease()
        poll_platforms()
        assert Refund.objects.get().state == "succeeded"
        raise PlatformRefused(platform_code="NOT_ENOUGH")

    platform.script |= {"refund": a_sleeps}
    refund(merchant)
    made = Refund.objects.get()
    assert (made.state, made.lease_token) == ("succeeded", "")
    assert figures() == (700, 700, 0)
    assert list(platform.refunds.values()) == [700]


def expire_lease() -> None:
    """A minute goes by."""
    Refund.objects.update(next_at=clock.now() - timedelta(seconds=1))


def test_a_lost_lease_does_not_free_what_another_process_is_refunding(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    """B is in its call when A wakes and hears that no such refund is known: A records no failure."""
    states: list[tuple[str, int]] = []

    def b_pays_late(real: Callable[[], object]) -> object:
        platform.script.pop("refund", None)
        return real()

    def a_sleeps(_real: Callable[[], object]) -> object:
        def b_works(real: Callable[[], object]) -> object:
            states.append((Refund.objects.get().state, figures()[2]))
            return b_pays_late(real)

        platform.script["refund"] = b_works
        expire_lease()
        taken = Refund.objects.get()
        Refund.objects.filter(pk=taken.pk).update(lease_token="of B", next_at=clock.now() + timedelta(60))
        raise PlatformRefused(platform_code="NOT_ENOUGH")

    platform.script["refund"] = a_sleeps
    refund(merchant)
    assert Refund.objects.get().state == "requested"
    assert figures() == (0, 0, 700)
    expire_lease()
    poll_platforms()
    assert states == [("requested", 700)]
    assert figures() == (700, 700, 0)


def test_an_app_clock_that_is_ahead_takes_no_lease_early(
    merchant: Merchant, order: Order, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.script["refund"] = PlatformTimeout()
    refund(merchant)
    Refund.objects.update(next_at=clock.now() + timedelta(seconds=30))
    steps = Refund.objects.get().step_count
    real_now = clock.now
    monkeypatch.setattr(clock, "now", lambda: real_now() + timedelta(hours=1))
    carry_out(Refund.objects.get())
    assert Refund.objects.get().step_count == steps


def test_the_platforms_word_wins_over_a_step_under_way(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    """A notification arrives while a worker has the lease: it is recorded, and the worker's answer changes nothing."""

    def arrives(_real: Callable[[], object]) -> object:
        made = Refund.objects.get()
        told = RefundResult(out_refund_no=made.out_refund_no, state=RefundState.SUCCEEDED, amount=700)
        record_refund_result(made, told, NOTIFICATION)
        raise PlatformTimeout

    platform.script["refund"] = arrives
    assert refund(merchant)["status"] == 1
    assert figures() == (700, 700, 0)
