"""A refund above the store's limit is made once, after somebody else has agreed."""

from datetime import timedelta
from typing import Any

import pytest

from scanforpay_django import clock
from scanforpay_django.exceptions import InvalidOrderState, RefundTooLarge
from scanforpay_django.flows.approve_refund import approve, decline, drop_unanswered, request_approval
from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.models import Cause, Flag, Order, Payment, Refund, RefundApproval, Source
from tests.admin.test_order_desk import arrive, opened
from tests.flows.test_accept_late import arrive_late
from tests.merchant import Merchant
from tests.scripted import Platform, platform

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)
ASKER = Cause(source=Source.STAFF, actor="chen.yu")
OTHER = Cause(source=Source.STAFF, actor="wang.fang")


@pytest.fixture
def people(django_user_model: Any) -> tuple[Any, Any]:
    """Who asks, and somebody else."""
    return django_user_model.objects.create_user("chen.yu"), django_user_model.objects.create_user(
        "wang.fang"
    )


@pytest.fixture
def waiting(merchant: Merchant, platform: Platform, people: tuple[Any, Any]) -> RefundApproval:
    """21.00 were paid, and 9.00 of them are to go back."""
    arrive(opened(merchant, platform))
    return request_approval(Order.objects.get(), amount=900, reason="damp", user=people[0], cause=ASKER)


def acts() -> list[str]:
    return [one.data["act"] for one in Order.objects.get().events.order_by("pk") if "act" in one.data]


def test_it_waits_and_calls_for_a_person(waiting: RefundApproval) -> None:
    flag = Flag.objects.get()
    assert (flag.kind, flag.cleared_at) == ("refund_approval", None)
    assert flag.details["amount"] == 900
    assert not Refund.objects.exists()
    assert Payment.objects.get().reserved_amount == 0


def test_somebody_else_agrees(waiting: RefundApproval, people: tuple[Any, Any], platform: Platform) -> None:
    refund = approve(waiting, user=people[1], cause=OTHER)
    assert (refund.amount, refund.actor, refund.reason, refund.source) == (900, "chen.yu", "damp", "staff")
    assert carry_out(refund).state == "succeeded"
    waiting.refresh_from_db()
    assert (waiting.state, waiting.decided_by) == ("approved", "wang.fang")
    assert Flag.objects.get().cleared_at is not None
    assert acts() == ["approve", "clear_flag"]
    with pytest.raises(InvalidOrderState):
        approve(waiting, user=people[1], cause=OTHER)
    assert list(platform.refunds.values()) == [900]


def test_nobody_decides_on_their_own(waiting: RefundApproval, people: tuple[Any, Any]) -> None:
    for decide in (
        lambda: approve(waiting, user=people[0], cause=ASKER),
        lambda: decline(waiting, user=people[0], cause=ASKER, why="x"),
    ):
        with pytest.raises(InvalidOrderState):
            decide()
    waiting.refresh_from_db()
    assert waiting.state == "waiting"
    assert not Refund.objects.exists()


def test_somebody_else_declines(waiting: RefundApproval, people: tuple[Any, Any]) -> None:
    decline(waiting, user=people[1], cause=OTHER, why="the goods are not back")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.decided_by) == ("declined", "wang.fang")
    assert not Refund.objects.exists()
    with pytest.raises(InvalidOrderState):
        approve(waiting, user=people[1], cause=OTHER)


def test_what_nobody_decides_is_dropped(waiting: RefundApproval, people: tuple[Any, Any]) -> None:
    drop_unanswered()
    assert RefundApproval.objects.get().state == "waiting"
    RefundApproval.objects.update(decide_until=clock.now() - timedelta(seconds=1))
    waiting.refresh_from_db()
    with pytest.raises(InvalidOrderState):
        approve(waiting, user=people[1], cause=OTHER)
    drop_unanswered()
    drop_unanswered()
    assert RefundApproval.objects.get().state == "dropped"
    assert Flag.objects.get().cleared_at is not None
    assert acts() == ["drop", "clear_flag"]


def test_one_waits_at_a_time_and_one_that_is_over_is_in_nobodys_way(
    waiting: RefundApproval, people: tuple[Any, Any]
) -> None:
    order = Order.objects.get()
    with pytest.raises(InvalidOrderState):
        request_approval(order, amount=100, reason="x", user=people[1], cause=OTHER)
    RefundApproval.objects.update(decide_until=clock.now() - timedelta(seconds=1))
    request_approval(order, amount=100, reason="x", user=people[1], cause=OTHER)
    assert sorted(RefundApproval.objects.values_list("amount", "state")) == [
        (100, "waiting"),
        (900, "dropped"),
    ]
    assert Flag.objects.filter(cleared_at=None).count() == 1


def test_what_cannot_be_made_any_more_waits_as_before(
    waiting: RefundApproval, people: tuple[Any, Any]
) -> None:
    Payment.objects.update(reserved_amount=1500)
    with pytest.raises(RefundTooLarge):
        approve(waiting, user=people[1], cause=OTHER)
    assert RefundApproval.objects.get().state == "waiting"
    assert Flag.objects.get().cleared_at is None


@pytest.mark.parametrize("amount", [0, 2101])
def test_more_than_is_left_is_not_requested(
    merchant: Merchant, platform: Platform, people: tuple[Any, Any], amount: int
) -> None:
    arrive(opened(merchant, platform))
    with pytest.raises(RefundTooLarge):
        request_approval(Order.objects.get(), amount=amount, reason="x", user=people[0], cause=ASKER)
    assert not RefundApproval.objects.exists()


def test_a_payment_that_was_not_applied(
    merchant: Merchant, platform: Platform, people: tuple[Any, Any]
) -> None:
    payment = arrive_late(merchant, platform)
    order = Order.objects.get()
    with pytest.raises(InvalidOrderState):
        request_approval(order, amount=2100, reason="x", user=people[0], cause=ASKER)
    asked = request_approval(order, amount=2100, reason="x", user=people[0], cause=ASKER, payment=payment)
    refund = carry_out(approve(asked, user=people[1], cause=OTHER))
    assert (refund.kind, refund.amount, refund.state) == ("late", 2100, "succeeded")
