"""A payment changes with its order, also when its customer never comes back."""

from decimal import Decimal
from typing import Any

import pytest

from scanforpay_django.flows.refund_order import RequestedRefund, request_refund
from scanforpay_django.sandbox.testing import Sandbox
from tests.causes import STAFF
from tests.django_payments.sale import begin, find_order, new_payment, open_store

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid(scanforpay_sandbox: Sandbox, settings: Any) -> Any:
    """The worker has called the handler."""
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 0
    open_store(scanforpay_sandbox)
    payment = new_payment()
    begin(payment)
    scanforpay_sandbox.pay(find_order(payment))
    payment.refresh_from_db()
    assert payment.status == "input"
    scanforpay_sandbox.work()
    payment.refresh_from_db()
    return payment


def test_it_is_confirmed_although_its_customer_stays_away(paid: Any) -> None:
    assert (paid.status, paid.captured_amount) == ("confirmed", Decimal("21.00"))


def test_a_refund_from_admin_is_counted(paid: Any, scanforpay_sandbox: Sandbox) -> None:
    for amount, status in ((600, "confirmed"), (1500, "refunded")):
        requested = RequestedRefund(refund_no="", amount=amount, cause=STAFF)
        request_refund(find_order(paid), requested)
        scanforpay_sandbox.work()
        scanforpay_sandbox.clock.forward(minutes=2)
        scanforpay_sandbox.work()
        paid.refresh_from_db()
        assert paid.status == status
    assert paid.captured_amount == 0


def test_one_that_is_closed_is_rejected(scanforpay_sandbox: Sandbox) -> None:
    from scanforpay_django import checkout

    open_store(scanforpay_sandbox)
    payment = new_payment()
    begin(payment)
    checkout.close(find_order(payment))
    scanforpay_sandbox.work()
    payment.refresh_from_db()
    assert payment.status == "rejected"
