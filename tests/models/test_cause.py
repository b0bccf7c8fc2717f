"""Who or what changed an order is named in its timeline."""

from dataclasses import FrozenInstanceError

import pytest

from scanforpay_django.models import Cause, Order, Source
from tests.merchant import Merchant

pytestmark = pytest.mark.django_db

CAUSE = Cause(source=Source.STAFF, actor="boss", request_id="r-1")


@pytest.fixture
def order(merchant: Merchant) -> Order:
    return Order.objects.get(order_no=merchant.create()["orderNo"])


def test_a_cause_does_not_change_on_its_way() -> None:
    with pytest.raises(FrozenInstanceError):
        CAUSE.actor = "other"  # type: ignore[misc]


def test_a_merchants_call_is_named_in_the_timeline(merchant: Merchant, order: Order) -> None:
    answer = merchant.call("/api/common/close", {"orderNo": order.order_no, "action": "close"})
    assert answer["status"] == 2
    event = order.events.get()
    assert (event.source, event.actor, len(event.request_id)) == ("api", "10001", 36)
