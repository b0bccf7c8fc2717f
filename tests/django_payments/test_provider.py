"""A shop that pays with django-payments: its customer pays in an app, comes back, and gets money back."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from payments import PaymentError
from payments.signals import status_changed

from scanforpay_django.django_payments.provider import ScanForPayProvider
from scanforpay_django.models import Order, Refund
from scanforpay_django.sandbox.testing import Sandbox
from tests.django_payments.sale import begin, find_order, new_payment, open_store

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def shop(scanforpay_sandbox: Sandbox, settings: Any) -> None:
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 0
    open_store(scanforpay_sandbox)


def come_back(payment: Any) -> str:
    """Where the customer lands who comes back to the shop."""
    answer = Client().get(payment.get_process_url())
    assert answer.status_code == 302
    payment.refresh_from_db()
    return answer["Location"]


def paid(sandbox: Sandbox, **changes: Any) -> Any:
    payment = new_payment(**changes)
    begin(payment)
    sandbox.pay(find_order(payment))
    assert come_back(payment) == f"/thanks/{payment.pk}"
    return payment


@pytest.mark.parametrize("app", ["wechat", "alipay"])
def test_a_customer_pays_in_either_app_and_comes_back(scanforpay_sandbox: Sandbox, app: str) -> None:
    payment = new_payment()
    pay_url = begin(payment)
    order = find_order(payment)
    assert pay_url == order.pay_url
    assert (payment.status, payment.transaction_id) == ("input", order.order_no)
    assert (order.amount, order.currency, order.title) == (2100, "CNY", "Oolong 250 g")
    assert order.return_url == f"http://localhost:8000{payment.get_process_url()}"
    # Once more: the same order.
    assert begin(payment) == pay_url
    # Nothing is paid yet.
    assert come_back(payment) == f"/again/{payment.pk}"
    scanforpay_sandbox.pay(order, as_=app)
    assert come_back(payment) == f"/thanks/{payment.pk}"
    assert (payment.status, payment.captured_amount) == ("confirmed", Decimal("21.00"))
    assert begin(payment) == f"/thanks/{payment.pk}"


def test_money_goes_back_and_is_counted(scanforpay_sandbox: Sandbox) -> None:
    payment = paid(scanforpay_sandbox)
    payment.refund(Decimal("7.00"))
    assert (payment.status, payment.captured_amount) == ("confirmed", Decimal("14.00"))
    scanforpay_sandbox.clock.forward(minutes=2)
    scanforpay_sandbox.work()
    payment.refresh_from_db()
    assert payment.captured_amount == Decimal("14.00")
    # All that is left.
    payment.refund()
    assert (payment.status, payment.captured_amount) == ("refunded", Decimal("0.00"))
    scanforpay_sandbox.clock.forward(minutes=2)
    scanforpay_sandbox.work()
    assert sorted(Refund.objects.values_list("amount", flat=True)) == [700, 1400]
    payment.refresh_from_db()
    assert payment.status == "refunded"


def test_a_refund_that_is_asked_for_twice_goes_once(scanforpay_sandbox: Sandbox) -> None:
    """By two processes at once, or again after the first died before it had written down what is captured."""
    payment = paid(scanforpay_sandbox)
    same = type(payment).objects.get(pk=payment.pk)
    payment.refund(Decimal("7.00"))
    same.refund(Decimal("7.00"))
    assert [one.amount for one in Refund.objects.all()] == [700]
    same.refresh_from_db()
    assert same.captured_amount == Decimal("14.00")
    # Of the same moment, and another amount: who is right is not known.
    stale = type(payment).objects.get(pk=payment.pk)
    stale.captured_amount = Decimal("21.00")
    with pytest.raises(PaymentError):
        stale.refund(Decimal("8.00"))
    # The next one is another refund, once this one has ended.
    scanforpay_sandbox.clock.forward(minutes=2)
    scanforpay_sandbox.work()
    # It ends with the platform's message.
    assert scanforpay_sandbox.wait_for_notices()
    same.refresh_from_db()
    same.refund(Decimal("7.00"))
    assert [one.amount for one in Refund.objects.all()] == [700, 700]


def test_what_cannot_go_back_is_said(scanforpay_sandbox: Sandbox) -> None:
    payment = paid(scanforpay_sandbox)
    provider = ScanForPayProvider()
    with pytest.raises(PaymentError):
        provider.refund(payment, Decimal("21.01"))
    with pytest.raises(PaymentError, match="has no order"):
        provider.refund(new_payment())
    assert not Refund.objects.exists()


def test_a_payment_is_cancelled_until_it_is_paid(scanforpay_sandbox: Sandbox) -> None:
    payment = new_payment()
    begin(payment)
    payment.cancel()
    assert (payment.status, find_order(payment).state) == ("cancelled", "closed")
    assert begin(payment) == f"/again/{payment.pk}"
    # One whose customer never was sent to pay has nothing to close.
    new_payment().cancel()

    payment = new_payment()
    begin(payment)
    scanforpay_sandbox.pay(find_order(payment))
    with pytest.raises(PaymentError):
        payment.cancel()
    payment.refresh_from_db()
    scanforpay_sandbox.work()
    payment.refresh_from_db()
    assert payment.status == "confirmed"


def test_an_order_whose_time_is_over_is_not_paid_again(scanforpay_sandbox: Sandbox) -> None:
    payment = new_payment()
    begin(payment)
    scanforpay_sandbox.clock.forward(days=8)
    scanforpay_sandbox.work()
    payment.refresh_from_db()
    assert (payment.status, begin(payment)) == ("rejected", f"/again/{payment.pk}")


def test_an_amount_that_was_changed_is_refused(scanforpay_sandbox: Sandbox) -> None:
    payment = new_payment()
    begin(payment)
    payment.total = Decimal("1.00")
    with pytest.raises(PaymentError):
        begin(payment)
    assert Order.objects.get().amount == 2100


def test_a_variant_may_have_its_own_store_and_wallet(scanforpay_sandbox: Sandbox) -> None:
    store = open_store(scanforpay_sandbox, "100010000000009")
    payment = paid(scanforpay_sandbox, variant="second")
    order = find_order(payment)
    assert (order.store_id, order.wallet) == (store.pk, "Alipay")
    # The other one cannot choose: two stores are active.
    with pytest.raises(PaymentError):
        begin(new_payment())


def test_what_these_wallets_cannot_do_is_said() -> None:
    provider = ScanForPayProvider()
    for call in (provider.capture, provider.release):
        with pytest.raises(PaymentError):
            call(new_payment())
    with pytest.raises(ImproperlyConfigured, match="capture=False"):
        ScanForPayProvider(capture=False)


def test_the_signal_is_sent_once_for_each_change(scanforpay_sandbox: Sandbox) -> None:
    seen: list[str] = []

    def note(instance: Any, **_kwargs: Any) -> None:
        seen.append(instance.status)

    status_changed.connect(note)
    try:
        payment = paid(scanforpay_sandbox)
        come_back(payment)
        scanforpay_sandbox.work()
    finally:
        status_changed.disconnect(note)
    assert seen == ["input", "confirmed"]
