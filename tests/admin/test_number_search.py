"""The search box of admin's lists."""

from typing import Any

import pytest
from django.test import Client

from scanforpay_django.models import HandlerCall, Notification, Order, Payment, PlatformNotification, Refund
from tests.admin.pages import url
from tests.merchant import Merchant
from tests.operations.audit.seeds import busy
from tests.scripted import platform

__all__ = ["busy", "platform"]
pytestmark = pytest.mark.django_db(transaction=True)
SEARCHED = (Order, Payment, Refund, Notification, PlatformNotification, HandlerCall)


@pytest.fixture
def paid(busy: Merchant) -> Order:
    order = Order.objects.get(partner_order_no="paid")
    HandlerCall.objects.create(order=order, event="paid", handler="shop.ship")
    Refund.objects.filter(refund_no="r1").update(refund_id="50000000012025")
    return order


def listed(staff: Client, model: Any, text: str) -> set[int]:
    page = staff.get(url(model, "changelist"), {"q": text})
    assert page.status_code == 200
    return {row.pk for row in page.context["cl"].result_list}


def test_a_number_of_the_order_lists_all_that_belongs_to_it(paid: Order, staff: Client) -> None:
    for number in (paid.order_no, paid.partner_order_no, f" {paid.token}\t"):
        for model in SEARCHED:
            path = {Order: "pk", PlatformNotification: "payment__order"}.get(model, "order")
            own = set(model.objects.filter(**{path: paid.pk}).values_list("pk", flat=True))
            assert own
            assert listed(staff, model, number) == own, (model, number)


def test_a_number_of_a_row_lists_that_row_and_its_order(paid: Order, staff: Client) -> None:
    payment, refund = paid.payments.get(), paid.refunds.get(refund_no="r1")
    told, heard = paid.notifications.get(kind="paid"), payment.platform_notifications.get()
    rows = {
        payment: [payment.out_trade_no, payment.trade_no],
        refund: [refund.refund_no, refund.out_refund_no, refund.refund_id],
        told: [told.message_id],
        heard: [heard.event_id],
    }
    for row, numbers in rows.items():
        for number in numbers:
            assert listed(staff, type(row), number) == {row.pk}, number
            assert listed(staff, Order, number) == {paid.pk}, number


@pytest.mark.parametrize("model", SEARCHED)
def test_nothing_is_listed_for_what_is_no_number(paid: Order, staff: Client, model: Any) -> None:
    for text in ("x" * 10_000, "%", "_" * 9, "PAID", "aid", "'", '"', "\\", "pk:1", f"{paid.pk}"):
        assert listed(staff, model, text) == set(), text
    # Django says itself that a NUL is not allowed, and blanks are no search
    assert listed(staff, model, "\0")
    assert listed(staff, model, "   ")


def test_the_box_says_what_it_takes(paid: Order, staff: Client) -> None:
    for language, words in {"en": "One number in full", "zh-hans": "完整", "zh-hant": "完整"}.items():
        page = staff.get(url(Payment, "changelist"), headers={"accept-language": language})
        assert words in page.content.decode()
