"""The audit's checks of what merchants are told."""

import pytest

from scanforpay_django import clock
from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.flows.refund_order import RequestedRefund, request_refund
from scanforpay_django.models import Notification, Order, Partner, Payment, Refund
from scanforpay_django.operations.audit import audit
from scanforpay_django.operations.audit.message_checks import MESSAGE_CHECKS
from tests.causes import API
from tests.merchant import Merchant
from tests.operations.audit.seeds import (
    arrive,
    at_once,
    busy,
    codes,
    forget_messages,
    found,
    is_found_and_repaired,
    opened,
    rewrite,
)
from tests.scripted import platform

__all__ = ["at_once", "busy", "platform"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("code", codes(MESSAGE_CHECKS))
def test_a_seeded_corruption_is_found_and_mended_where_that_is_safe(busy: Merchant, code: str) -> None:
    is_found_and_repaired(code)


def test_a_missing_message_is_written_once_and_sent(busy: Merchant) -> None:
    forget_messages()
    assert found(repair=True) == {"paid-but-not-notified": True}
    assert found(repair=True) == {}
    message = Notification.objects.get()
    assert (message.order.partner_order_no, message.state) == ("paid", "pending")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"partnerNo":"10001"', '"partnerNo":"10002"'),
        ('"partnerOrderNo":"paid"', '"partnerOrderNo":"late"'),
        ('"currency":"CNY"', '"currency":"HKD"'),
        ('"status":1', '"status":2'),
        ('{"header"', '["header"'),
        ('"body":{', '"nobody":{'),
    ],
)
def test_a_message_that_says_something_else_is_found(busy: Merchant, before: str, after: str) -> None:
    rewrite(before, after)
    assert found() == {"notified-otherwise": False}


def refund_told(busy: Merchant) -> Notification:
    Partner.objects.update(notify_refunds=True)
    order = Order.objects.get(partner_order_no="paid")
    carry_out(request_refund(order, RequestedRefund(cause=API, refund_no="r2", amount=100)))
    return Notification.objects.get(kind="refund")


def test_a_message_of_a_refund_is_compared_with_its_refund(busy: Merchant) -> None:
    message = refund_told(busy)
    assert found() == {}
    Refund.objects.filter(refund_no="r2").update(refund_no="r3")
    assert found() == {"notified-otherwise": False}
    Notification.objects.filter(pk=message.pk).update(refund=Refund.objects.get(kind="late"))
    assert found() == {"notified-otherwise": False}


def test_nobody_is_told_of_a_payment_that_the_rows_do_not_prove(busy: Merchant) -> None:
    """Somebody wrote "paid" into the rows; a signed message to the merchant would make it goods."""
    payment = opened(busy, "forged")
    Payment.objects.filter(pk=payment.pk).update(is_applied=True)
    Order.objects.filter(pk=payment.order_id).update(state="paid", paid_at=clock.now())
    list(audit(repair=True))
    assert not Notification.objects.filter(order=payment.order_id).exists()


def test_a_message_is_not_withdrawn_while_money_is_there(busy: Merchant) -> None:
    """The order's state was lost, not its payment: the merchant still has to be told."""
    payment = opened(busy, "lost")
    arrive(payment)
    Order.objects.filter(pk=payment.order_id).update(state="pending")
    list(audit(repair=True))
    assert Notification.objects.get(order=payment.order_id).state == "pending"
