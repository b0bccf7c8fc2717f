"""Refunds that staff asked for in the time that is lost: their numbers follow from the payment's."""

from collections.abc import Callable
from typing import Any

import pytest

from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.flows.find_own_refunds import MAX_ASKED, find_own_refunds
from scanforpay_django.flows.refund_order import RequestedRefund, request_refund
from scanforpay_django.models import Order, OrderEvent, Payment, Refund
from scanforpay_django.wallets.base import RefundResult, RefundState, Wallet
from tests.causes import STAFF
from tests.wallets.conftest import Till, till_of

__all__ = ["till_of"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["wechat", "alipay"])
def till(request: pytest.FixtureRequest, till_of: Callable[[str], Till], settings: Any) -> Till:
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 0
    return till_of(request.param)


def refund(till: Till, payment: Payment, *amounts: int) -> None:
    for amount in amounts:
        payment.order.refresh_from_db()
        requested = RequestedRefund(refund_no="", amount=amount, cause=STAFF)
        # WeChat Pay takes one a minute.
        till.sandbox.clock.forward(minutes=2)
        carry_out(request_refund(payment.order, requested))


def forget_refunds() -> None:
    """As in a copy from before them."""
    Refund.objects.all().delete()
    OrderEvent.objects.all().delete()
    Payment.objects.update(refunded_amount=0, reserved_amount=0)
    Order.objects.update(refunded_amount=0, state="paid")


def gone(payment: Payment) -> int:
    """What went back, or is on its way."""
    payment.refresh_from_db()
    return payment.refunded_amount + payment.reserved_amount


def find(payment: Payment) -> tuple[int, list[int]]:
    """How many were found, and the account of each question."""
    payment.refresh_from_db()
    asked: list[int] = []
    return find_own_refunds(payment, before_each=asked.append), asked


def test_those_that_were_lost_are_recorded(till: Till) -> None:
    payment = till.paid()
    refund(till, payment, 100, 200)
    assert gone(payment) == 300
    forget_refunds()
    found, asked = find(payment)
    assert (found, asked) == (2, [till.account.pk] * 3)
    assert gone(payment) == 300
    assert sorted(one.amount for one in Refund.objects.all()) == [100, 200]
    # Once more: they are here, and the next number is asked about.
    assert find(payment) == (0, [till.account.pk])
    assert Refund.objects.count() == 2
    # The next one of staff's has a number of its own, and goes out.
    refund(till, payment, 50)
    assert len(till.sandbox.refunds) == 3


def test_what_is_here_is_not_asked_about(till: Till) -> None:
    payment = till.paid()
    refund(till, payment, 100)
    assert find(payment) == (0, [till.account.pk])
    refund(till, payment, 2000)
    # Nothing is left that could have gone back.
    assert find(payment) == (0, [])


def test_a_platform_that_knows_every_number_is_not_asked_for_ever(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = till.paid()

    def refunded(_wallet: Wallet, _out_trade_no: str, number: str) -> RefundResult:
        return RefundResult(out_refund_no=number, state=RefundState.CLOSED, amount=1)

    monkeypatch.setattr(type(till.wallet), "query_refund", refunded)
    found, asked = find(payment)
    assert (found, len(asked)) == (0, MAX_ASKED)
