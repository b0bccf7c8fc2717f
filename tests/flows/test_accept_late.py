"""A payment that came after its order's end is accepted by staff, unless its refund has begun."""

from datetime import timedelta
from typing import Any

import pytest

from scanforpay_django import clock
from scanforpay_django.exceptions import InvalidOrderState
from scanforpay_django.flows.accept_late import accept_late_payment
from scanforpay_django.flows.overdue import flag_overdue
from scanforpay_django.models import Cause, Flag, Notification, Order, Payment, Refund, Source, Store
from tests.admin.test_order_desk import arrive, opened
from tests.merchant import Merchant
from tests.scripted import Platform, platform

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)
BY_STAFF = Cause(source=Source.STAFF, actor="chen.yu")


def arrive_late(merchant: Merchant, platform: Platform, late: str = "keep", state: str = "closed") -> Payment:
    """21.00 for an order that has ended."""
    Store.objects.update(late_payment=late)
    payment = opened(merchant, platform)
    Order.objects.update(state=state, notify_url="https://shop.example/n")
    arrive(payment)
    payment.refresh_from_db()
    return payment


@pytest.mark.parametrize("state", ["closed", "expired"])
def test_it_pays_the_order_after_all(merchant: Merchant, platform: Platform, state: str) -> None:
    payment = arrive_late(merchant, platform, state=state)
    accept_late_payment(payment, BY_STAFF, reason="goods are here")
    order = Order.objects.get()
    payment.refresh_from_db()
    assert (order.state, order.paid_at, payment.is_applied, payment.is_unapplied) == (
        "paid", payment.paid_at, True, False,
    )  # fmt: skip
    assert Notification.objects.get().kind == "paid"
    flag = Flag.objects.get()
    assert (flag.cleared_at is not None, flag.reason) == (True, "goods are here")
    acts = [one.data["act"] for one in order.events.filter(source="staff") if "act" in one.data]
    assert acts == ["accept_late", "clear_flag"]
    with pytest.raises(InvalidOrderState):
        accept_late_payment(payment, BY_STAFF)


def test_an_automatic_refund_that_merely_waits_is_withdrawn(merchant: Merchant, platform: Platform) -> None:
    payment = arrive_late(merchant, platform, late="refund")
    assert Payment.objects.get().reserved_amount == 2100
    accept_late_payment(payment, BY_STAFF, reason="x")
    refund, payment = Refund.objects.get(), Payment.objects.get()
    assert (refund.state, refund.platform_code, refund.next_at) == ("failed", "withdrawn", None)
    assert (payment.reserved_amount, payment.refunded_amount, payment.is_applied) == (0, 0, True)
    assert Order.objects.get().state == "paid"
    assert platform.refunds == {}


@pytest.mark.parametrize(
    "begun",
    [
        {"lease_token": "of-a-worker"},
        {"sent_at": clock.now()},
        {"step_count": 1},
        {"state": "processing"},
        {"state": "succeeded", "finished_at": clock.now()},
        {"state": "failed", "finished_at": clock.now()},
        {"source": "staff"},
    ],
)
def test_a_refund_that_has_begun_stays(merchant: Merchant, platform: Platform, begun: dict[str, Any]) -> None:
    payment = arrive_late(merchant, platform, late="refund")
    Refund.objects.update(**begun)
    with pytest.raises(InvalidOrderState):
        accept_late_payment(payment, BY_STAFF)
    assert Order.objects.get().state == "closed"
    assert Payment.objects.get().is_applied is False
    assert Refund.objects.get().platform_code != "withdrawn"


@pytest.mark.parametrize(
    ("payment", "order"),
    [
        ({"paid_amount": 2099}, {}),
        ({"paid_currency": "HKD"}, {}),
        ({}, {"state": "pending"}),
        ({"state": "closed"}, {}),
        ({"refunded_amount": 1}, {}),
    ],
)
def test_what_is_no_late_payment_is_refused(
    merchant: Merchant, platform: Platform, payment: dict[str, Any], order: dict[str, Any]
) -> None:
    late = arrive_late(merchant, platform)
    Payment.objects.update(**payment)
    Order.objects.update(**order)
    with pytest.raises(InvalidOrderState):
        accept_late_payment(late, BY_STAFF)
    assert not Payment.objects.get().is_applied


def test_a_flag_goes_when_its_money_has_gone_back(merchant: Merchant, platform: Platform) -> None:
    payment = arrive_late(merchant, platform)
    flag_overdue()
    assert Flag.objects.get().cleared_at is None
    Payment.objects.filter(pk=payment.pk).update(refunded_amount=2100)
    flag_overdue()
    assert Flag.objects.get().cleared_at is not None
    assert Flag.objects.get().cleared_by is None


def test_a_handlers_flag_goes_when_it_was_called_after_all(merchant: Merchant, platform: Platform) -> None:
    payment = opened(merchant, platform)
    Flag.objects.create(order=payment.order, kind="handler_failed")
    call = payment.order.handler_calls.create(event="paid", handler="shop.ship", state="exhausted")
    flag_overdue()
    assert Flag.objects.get().cleared_at is None
    call.state, call.finished_at = "done", clock.now() - timedelta(seconds=1)
    call.save()
    flag_overdue()
    assert Flag.objects.get().cleared_at is not None
