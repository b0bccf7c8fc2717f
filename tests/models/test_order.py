"""An order writes its own timeline; overdue orders are found."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.models import Cause, Order, OrderEvent, Source
from tests.merchant import Merchant

CAUSE = Cause(source=Source.STAFF, actor="boss", request_id="r-1")


@pytest.fixture
def order(merchant: Merchant) -> Order:
    return Order.objects.get(order_no=merchant.create()["orderNo"])


def lines(order: Order) -> list[tuple[str, str, str, str, str, object]]:
    columns = ("from_state", "to_state", "source", "actor", "request_id", "data")
    return list(OrderEvent.objects.filter(order=order).values_list(*columns))


@pytest.mark.django_db
def test_a_change_of_state_is_one_line(order: Order) -> None:
    assert order.move(Order.State.CLOSED, CAUSE)
    assert lines(order) == [("pending", "closed", "staff", "boss", "r-1", {})]


@pytest.mark.django_db
def test_a_change_that_another_made_first_is_none(order: Order) -> None:
    Order.objects.update(state="paid")
    assert not order.move(Order.State.CLOSED, CAUSE)
    assert lines(order) == []


@pytest.mark.django_db
def test_what_changes_no_state_is_a_line_all_the_same(order: Order) -> None:
    order.record_event(CAUSE, {"amount": 1})
    assert lines(order) == [("pending", "pending", "staff", "boss", "r-1", {"amount": 1})]


@pytest.mark.django_db
def test_overdue_orders_are_pending_and_past_their_time(merchant: Merchant) -> None:
    now = clock.now()
    for number, state, expires_at in (
        ("overdue", "pending", now),
        ("in-time", "pending", now + timedelta(seconds=1)),
        ("paid", "paid", now),
        ("expired", "expired", now),
    ):
        merchant.create(partnerOrderNo=number)
        Order.objects.filter(partner_order_no=number).update(state=state, expires_at=expires_at)
    assert [order.partner_order_no for order in Order.objects.overdue(now)] == ["overdue"]
