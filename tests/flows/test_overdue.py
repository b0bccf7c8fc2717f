"""What does not end is flagged once, says what to do, and the flag goes when the row has moved."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from scanforpay_django import clock
from scanforpay_django.exceptions import (
    PlatformRefused,
    PlatformSignatureInvalid,
    PlatformTimeout,
    PlatformUnreachable,
    SecretUnreadable,
)
from scanforpay_django.flows.overdue import MAX_FAILING, MAX_REFUND, overdue_payments, overdue_refunds
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.flows.record_refund import record_refund_result
from scanforpay_django.models import Flag, Order, Payment, Refund
from scanforpay_django.wallets.base import RefundResult, RefundState
from scanforpay_django.wallets.registry import wallet_classes
from tests.causes import NOTIFICATION
from tests.merchant import Merchant
from tests.operations.audit.seeds import found
from tests.paid_order import order, quick, refund
from tests.scripted import Platform, ScriptedWallet, platform, start

__all__ = ["order", "platform", "quick"]
pytestmark = pytest.mark.django_db(transaction=True)


def flags() -> list[tuple[str, bool]]:
    """Kind, and whether it is open, of each flag."""
    return [(flag.kind, flag.cleared_at is None) for flag in Flag.objects.order_by("pk")]


def later(**columns: object) -> None:
    """The refund is due, and so much older."""
    Refund.objects.update(next_at=clock.now() - timedelta(seconds=1), **columns)


@pytest.mark.parametrize(
    "trouble",
    [
        PlatformSignatureInvalid(),
        PlatformUnreachable(),
        PlatformTimeout(),
        SecretUnreadable(),
        ImproperlyConfigured(),
        KeyError(),
    ],
    ids=lambda e: type(e).__name__,
)
def test_a_refund_without_a_usable_answer_is_flagged_after_an_hour(
    merchant: Merchant, order: Order, platform: Platform, trouble: Exception
) -> None:
    accept(platform)
    assert refund(merchant)["status"] == 0
    platform.script |= {"refund": trouble, "query_refund": trouble}
    later()
    poll_platforms()
    assert flags() == []
    assert "refund-overdue" not in found()
    past = clock.now() - MAX_FAILING
    later(failing_since=past, created_at=past)
    for _ in range(2):
        poll_platforms()
        later()
    assert flags() == [("refund_overdue", True)]
    assert "connection" in str(Flag.objects.get().advice)
    assert "refund-overdue" in found()
    platform.script.clear()
    poll_platforms()
    assert Refund.objects.get().state == "succeeded"
    assert flags() == [("refund_overdue", False)]
    assert "refund-overdue" not in found()


def accept(platform: Platform) -> None:
    """It is under way, as the platform says."""
    platform.script["refund"] = lambda real: replace(real(), state=RefundState.PROCESSING)


def test_a_refund_that_is_refused_for_the_moment_for_an_hour_is_flagged(
    merchant: Merchant, order: Order, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ScriptedWallet, "transient_codes", frozenset({"BUSY"}))
    platform.script["refund"] = PlatformRefused(platform_code="BUSY")
    assert refund(merchant)["status"] == 0
    later(failing_since=clock.now() - MAX_FAILING)
    poll_platforms()
    assert flags() == [("refund_overdue", True)]
    platform.script.clear()
    later()
    poll_platforms()
    assert flags() == [("refund_overdue", False)]


@pytest.mark.parametrize("trouble", [SecretUnreadable(), ImproperlyConfigured(), KeyError()], ids=type)
def test_a_payment_that_cannot_be_asked_about_for_an_hour_is_flagged(
    merchant: Merchant, platform: Platform, trouble: Exception
) -> None:
    merchant.create(partnerOrderNo="p1", it_b_pay="7d")
    start(Order.objects.select_related("store", "partner").get(), "a")
    platform.script["query"] = trouble
    due = clock.now() - timedelta(seconds=1)
    Payment.objects.update(next_query_at=due)
    poll_platforms()
    assert Payment.objects.get().failing_since is not None
    Payment.objects.update(failing_since=clock.now() - MAX_FAILING)
    poll_platforms()
    assert flags() == [("payment_overdue", True)]
    platform.script.clear()
    Payment.objects.update(next_query_at=due)
    poll_platforms()
    assert flags() == [("payment_overdue", False)]


def test_a_failed_refund_that_went_with_another_amount_stays_flagged(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    platform.script["refund"] = PlatformRefused(platform_code="NOT_ENOUGH")
    assert refund(merchant)["status"] == 2
    made = Refund.objects.get()
    went = RefundResult(out_refund_no=made.out_refund_no, state=RefundState.SUCCEEDED, amount=1)
    record_refund_result(made, went, NOTIFICATION)
    poll_platforms()
    assert flags() == [("over_refunded", True)]


def test_a_refund_that_is_under_way_for_a_month_is_flagged(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    def going_on(*_: object) -> RefundResult:
        return RefundResult(out_refund_no=Refund.objects.get().out_refund_no, state=RefundState.PROCESSING)

    platform.script |= {"refund": going_on, "query_refund": going_on}
    assert refund(merchant)["status"] == 0
    limit = wallet_classes()["Wechat"].limits.refund_seconds
    allowed = timedelta(seconds=limit) if limit else MAX_REFUND
    later(sent_at=clock.now() - allowed + timedelta(minutes=1))
    poll_platforms()
    assert flags() == []
    later(sent_at=clock.now() - allowed)
    poll_platforms()
    assert flags() == [("refund_overdue", True)]


def test_another_amount_at_the_platform_is_flagged_at_once_and_stays_so(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    def other(*_: object) -> RefundResult:
        return RefundResult(
            out_refund_no=Refund.objects.get().out_refund_no, state=RefundState.SUCCEEDED, amount=1
        )

    platform.script |= {"refund": other, "query_refund": other}
    assert refund(merchant)["status"] == 0
    later()
    poll_platforms()
    assert flags() == [("refund_overdue", True)]


def test_a_payer_who_cannot_be_reached_is_a_flag_until_the_refund_ends(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    def stuck(*_: object) -> RefundResult:
        return RefundResult(
            out_refund_no=Refund.objects.get().out_refund_no, state=RefundState.PAYER_UNREACHABLE
        )

    platform.script |= {"refund": stuck, "query_refund": stuck}
    refund(merchant)
    poll_platforms()
    assert flags() == [("refund_stuck", True)]
    platform.script.clear()
    platform.refunds[Refund.objects.get().out_refund_no] = 700
    later()
    poll_platforms()
    assert flags() == [("refund_stuck", False)]


@pytest.mark.parametrize("trouble", [PlatformSignatureInvalid(), PlatformUnreachable()])
def test_a_payment_whose_platform_does_not_answer_is_flagged_and_the_flag_goes(
    merchant: Merchant, platform: Platform, quick: None, trouble: Exception
) -> None:
    merchant.create(partnerOrderNo="p1")
    start(Order.objects.get(), "a")
    platform.script["query"] = trouble
    now = clock.now()
    Payment.objects.update(next_query_at=now)
    poll_platforms()
    assert Payment.objects.get().failing_since is not None
    assert flags() == []
    Payment.objects.update(failing_since=now - MAX_FAILING, next_query_at=now)
    poll_platforms()
    assert flags() == [("payment_overdue", True)]
    assert "payment-overdue" in found()
    platform.script.clear()
    Payment.objects.update(next_query_at=now)
    poll_platforms()
    assert flags() == [("payment_overdue", False)]


def test_an_attempt_long_past_its_order_is_flagged(
    merchant: Merchant, platform: Platform, quick: None
) -> None:
    merchant.create(partnerOrderNo="p1")
    start(Order.objects.get(), "a")
    platform.script["query"] = PlatformTimeout()
    past = clock.now() - timedelta(days=8)
    Order.objects.update(expires_at=past)
    Payment.objects.update(expires_at=past, next_query_at=past)
    poll_platforms()
    assert flags() == [("payment_overdue", True)]


def test_nothing_is_overdue_where_all_is_well(merchant: Merchant, order: Order, platform: Platform) -> None:
    assert refund(merchant)["status"] == 1
    now = clock.now() + timedelta(days=30)
    assert not overdue_refunds(now).exists()
    assert not overdue_payments(now).exists()


@pytest.mark.parametrize("days", [0, 1])
def test_what_staff_have_cleared_comes_back_a_day_later_while_it_stands(
    merchant: Merchant, order: Order, platform: Platform, django_user_model: Any, days: int
) -> None:
    trouble = PlatformSignatureInvalid()
    platform.script |= {"refund": trouble, "query_refund": trouble}
    refund(merchant)
    later(failing_since=clock.now() - MAX_FAILING)
    poll_platforms()
    boss = django_user_model.objects.create_user("boss")
    seen = clock.now() - timedelta(days=days)
    Flag.objects.update(cleared_at=seen, cleared_by=boss, reason="known")
    poll_platforms()
    assert flags() == [("refund_overdue", False)] + [("refund_overdue", True)] * days


def test_the_payments_flag_stays_cleared_too(
    merchant: Merchant, platform: Platform, django_user_model: Any
) -> None:
    merchant.create(partnerOrderNo="p1")
    start(Order.objects.select_related("store", "partner").get(), "a")
    Payment.objects.update(failing_since=clock.now() - MAX_FAILING)
    poll_platforms()
    Flag.objects.update(cleared_at=clock.now(), cleared_by=django_user_model.objects.create_user("boss"))
    poll_platforms()
    assert flags() == [("payment_overdue", False)]
