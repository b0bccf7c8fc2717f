"""What is proposed about a difference, done against the sandbox."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from scanforpay_django import clock
from scanforpay_django.books.bill_merchants import find_merchant
from scanforpay_django.books.difference_acts import ADVICE, carry_out, compare_or_schedule, find_act
from scanforpay_django.books.reconcile import get_day
from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.flows.payment_request import order_reference
from scanforpay_django.models import (
    BillDay,
    Difference,
    Order,
    Payment,
    Refund,
    WalletAccount,
)
from scanforpay_django.models.bill_day import LEASE
from scanforpay_django.sandbox import console
from scanforpay_django.sandbox.models import Trade
from scanforpay_django.wallets.bills.amounts import CHINA
from tests.books.platform_copy import Bill, Line, bring, line_of
from tests.causes import STAFF
from tests.lost_orders import forget_payments, lose, restored
from tests.wallets.conftest import Till, till_of

__all__ = ["till_of"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def till(till_of: Callable[[str], Till]) -> Till:
    return till_of("wechat")


def compare(till: Till, *lines: Line) -> BillDay:
    """A bill of today with these lines, of the account's merchant number."""
    number = till.account.config["mchid"]
    bill = Bill(clock.now().astimezone(CHINA).date())
    return bring(till.account, bill.add(*(replace(line, mchid=number) for line in lines)))


def forget_payment(payment: Payment) -> None:
    """Here the payment counts as closed; the platform knows better."""
    Order.objects.filter(pk=payment.order_id).update(state=Order.State.CLOSED, paid_at=None)
    Payment.objects.filter(pk=payment.pk).update(
        state=Payment.State.CLOSED, is_applied=False, paid_amount=None, paid_currency="", paid_at=None
    )


def act(kind: str) -> str:
    return carry_out(Difference.objects.open().get(kind=kind), STAFF)


def test_a_late_payment_is_asked_about_and_recorded(till: Till) -> None:
    payment = till.paid()
    line = line_of(payment)
    forget_payment(payment)
    compare(till, line)
    assert act("paid_there_closed_here") == "The platform was asked: the payment is paid now."
    payment.refresh_from_db()
    assert (payment.state, payment.is_unapplied) == ("paid", True)
    assert not Difference.objects.open().exists()


def test_a_payment_that_was_lost_is_brought_back_to_its_order(till: Till) -> None:
    payment = till.paid()
    line = line_of(payment)
    order = payment.order
    forget_payments(order)
    compare(till, line)
    assert act("unknown_order") == "The payment is on its order again."
    order.refresh_from_db()
    assert (order.state, order.payments.get().out_trade_no) == ("paid", line.out_trade_no)
    assert not Difference.objects.open().exists()


def test_an_order_that_is_gone_too_is_said(till: Till) -> None:
    payment = till.paid()
    compare(till, replace(line_of(payment), out_trade_no="A1b" * 9 + "x"))
    Difference.objects.update(order_no="gone")
    with pytest.raises(ScanForPayError, match="The order is not here"):
        act("unknown_order")


def test_an_account_that_cannot_be_asked_keeps_no_order_from_coming_back(till: Till) -> None:
    payment = till.paid()
    line = replace(line_of(payment), attach=order_reference(payment.order))
    others = WalletAccount.objects.filter(store=till.merchant.store, wallet=till.account.wallet)
    assert others.exclude(secrets_ciphertext="").order_by("pk")[0] != till.account
    lose(payment.order)
    restored()
    compare(till, line)
    assert act("unknown_order") == "The order was made again, with its payment."
    assert Order.objects.get().order_no == payment.order.order_no


def test_a_refund_of_the_console_is_recorded_once(till: Till) -> None:
    payment = till.paid()
    made = console.refund(Trade.objects.get(out_trade_no=payment.out_trade_no), 700)
    line = line_of(
        payment,
        state="REFUND",
        amount=700,
        refund_no=made.number,
        refund_id=made.refund_id,
        refund_state="SUCCESS",
    )
    compare(till, line_of(payment), line)
    assert act("refund_unknown") == "The refund is recorded here."
    refund = Refund.objects.get()
    assert (refund.amount, refund.source) == (700, "platform")
    assert not Difference.objects.open().filter(kind="refund_unknown").exists()


def test_a_refund_that_the_platform_does_not_know_either(till: Till) -> None:
    payment = till.paid()
    changes = {"state": "REFUND", "refund_no": "C1", "refund_id": "50001", "refund_state": "SUCCESS"}
    compare(till, line_of(payment), line_of(payment, **changes))
    with pytest.raises(ScanForPayError, match="knows no such refund"):
        act("refund_unknown")
    assert not Refund.objects.exists()


def test_every_kind_has_its_advice() -> None:
    assert set(ADVICE) == set(Difference.Kind)


def test_nothing_is_proposed_for_what_is_closed() -> None:
    difference = Difference(kind=Difference.Kind.BILL_LATE, closed_at=clock.now())
    assert find_act(difference) is None


def test_a_large_day_is_left_to_the_worker(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    day = compare(till, line_of(till.paid()))
    BillDay.objects.update(next_at=None)
    assert compare_or_schedule(BillDay.objects.select_related("bill", "account").get(pk=day.pk))
    monkeypatch.setattr("scanforpay_django.books.difference_acts.MAX_COMPARED_AT_ONCE", 0)
    assert not compare_or_schedule(BillDay.objects.select_related("bill", "account").get(pk=day.pk))
    assert BillDay.objects.get(pk=day.pk).next_at is not None


def test_a_day_without_a_bill_is_due_for_the_worker(till: Till) -> None:
    day = get_day(find_merchant(till.account), "trade", clock.now().date())
    assert not compare_or_schedule(day)
    day.refresh_from_db()
    assert (day.state, day.next_at is None) == ("waiting", False)


def test_a_busy_day_is_due_for_the_worker(till: Till) -> None:
    day = compare(till, line_of(till.paid()))
    BillDay.objects.filter(pk=day.pk).update(
        next_at=None, lease_until=clock.now() + LEASE, lease_token="other"
    )
    assert not compare_or_schedule(BillDay.objects.select_related("bill", "account").get(pk=day.pk))
    assert BillDay.objects.get(pk=day.pk).next_at is not None
