"""Orders that are not for a payment, or whose payment is gone."""

import pytest

from scanforpay_django import checkout
from scanforpay_django.django_payments.payment_state import record_order
from scanforpay_django.sandbox.testing import Sandbox
from tests.django_payments.sale import begin, find_order, new_payment, open_store

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def shop(scanforpay_sandbox: Sandbox) -> None:
    open_store(scanforpay_sandbox)


def test_the_projects_other_orders_are_left_alone(scanforpay_sandbox: Sandbox) -> None:
    payment = new_payment()
    order = checkout.create(number="A-1", amount=2100)
    scanforpay_sandbox.pay(order)
    scanforpay_sandbox.work()
    payment.refresh_from_db()
    assert payment.status == "waiting"


def test_a_payment_that_was_deleted_is_logged(
    scanforpay_sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    payment = new_payment()
    begin(payment)
    order = find_order(payment)
    scanforpay_sandbox.pay(order)
    payment.delete()
    record_order(order)
    assert f"order {order.order_no} is for a payment that is not there" in caplog.text


def test_a_refund_that_failed_is_not_counted(scanforpay_sandbox: Sandbox) -> None:
    payment = new_payment()
    begin(payment)
    order = find_order(payment)
    scanforpay_sandbox.pay(order)
    refund = checkout.refund(order, 700)
    record_order(order)
    payment.refresh_from_db()
    assert payment.captured_amount == 14
    type(refund).objects.filter(pk=refund.pk).update(state="failed")
    record_order(order)
    payment.refresh_from_db()
    assert payment.captured_amount == 21
