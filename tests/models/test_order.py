"""An order writes its own timeline, and every line names its cause."""

from dataclasses import FrozenInstanceError

import pytest

from scanforpay_django.models import Cause, Order, OrderEvent, Source
from tests.merchant import Merchant

pytestmark = pytest.mark.django_db
CAUSE = Cause(source=Source.STAFF, actor="boss", request_id="r-1")


@pytest.fixture
def order(merchant: Merchant) -> Order:
    return Order.objects.get(order_no=merchant.create()["orderNo"])


def lines(order: Order) -> list[tuple[str, str, str, str, str, object]]:
    columns = ("from_state", "to_state", "source", "actor", "request_id", "data")
    return list(OrderEvent.objects.filter(order=order).values_list(*columns))


def test_a_change_of_state_is_one_line(order: Order) -> None:
    assert order.move(Order.State.CLOSED, CAUSE)
    assert lines(order) == [("pending", "closed", "staff", "boss", "r-1", {})]


def test_a_change_that_another_made_first_is_none(order: Order) -> None:
    Order.objects.update(state="paid")
    assert not order.move(Order.State.CLOSED, CAUSE)
    assert lines(order) == []


def test_what_changes_no_state_is_a_line_all_the_same(order: Order) -> None:
    order.record_event(CAUSE, {"amount": 1})
    assert lines(order) == [("pending", "pending", "staff", "boss", "r-1", {"amount": 1})]


def test_a_cause_does_not_change_on_its_way() -> None:
    with pytest.raises(FrozenInstanceError):
        CAUSE.actor = "other"  # type: ignore[misc]


def test_a_merchants_call_is_named_in_the_timeline(merchant: Merchant, order: Order) -> None:
    answer = merchant.call("/api/common/close", {"orderNo": order.order_no})
    assert answer["status"] == 2
    event = order.events.get()
    assert (event.source, event.actor, len(event.request_id)) == ("api", "10001", 36)
