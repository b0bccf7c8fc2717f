"""The audit's checks of payments and refunds."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.flows.refund_order import RequestedRefund, request_refund
from scanforpay_django.models import Order, Payment, Refund
from scanforpay_django.operations.audit import audit
from scanforpay_django.operations.audit.payment_checks import PAYMENT_CHECKS
from tests.causes import API
from tests.merchant import Merchant
from tests.operations.audit.seeds import (
    FAR,
    arrive,
    at_once,
    both,
    busy,
    codes,
    found,
    is_found_and_repaired,
    of_late,
    of_open,
    one,
    opened,
)
from tests.scripted import Platform, platform

__all__ = ["at_once", "busy", "platform"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("code", codes(PAYMENT_CHECKS))
def test_a_seeded_corruption_is_found_and_mended_where_that_is_safe(busy: Merchant, code: str) -> None:
    is_found_and_repaired(code)


def test_a_reservation_is_never_lowered(busy: Merchant) -> None:
    one(Payment, reserved_amount=500)()
    assert found(repair=True) == {"payment-reserved-figure": False}
    assert Payment.objects.get(order__partner_order_no="paid").reserved_amount == 500


@pytest.mark.parametrize(
    "seed",
    [
        one(Refund, kind="duplicate"),
        one(Refund, kind="gift"),
        lambda: Refund.objects.filter(kind="late").update(kind="mismatch"),
        both(
            of_late(Payment, paid_amount=2101),
            lambda: Refund.objects.filter(kind="late").update(kind="duplicate"),
        ),
    ],
)
def test_a_refund_of_any_kind_but_its_own_is_found(busy: Merchant, seed: Callable[[], object]) -> None:
    seed()
    assert found()["refund-of-other-kind"] is False


def swept() -> None:
    Refund.objects.filter(next_at__isnull=False).update(next_at=clock.now())
    poll_platforms()


def test_the_only_payment_of_a_paid_order_does_not_become_surplus(busy: Merchant) -> None:
    """Staff give surplus back in one step, and the goods are gone."""
    payment = opened(busy, "unsettled")
    arrive(payment)
    Payment.objects.filter(pk=payment.pk).update(is_applied=False)
    list(audit(repair=True))
    payment.refresh_from_db()
    assert not payment.is_unapplied
    assert not payment.order.flags.exists()


def test_a_refund_without_its_reservation_does_not_set_out(busy: Merchant, platform: Platform) -> None:
    payment = opened(busy, "whole")
    arrive(payment)
    order = Order.objects.get(pk=payment.order_id)
    carry_out(request_refund(order, RequestedRefund(cause=API, refund_no="all", amount=2100)))
    before = dict(platform.refunds)
    Refund.objects.create(
        partner=busy.partner,
        order=order,
        payment=payment,
        refund_no="forged",
        amount=700,
        currency="CNY",
        next_at=None,
    )
    list(audit(repair=True))
    swept()
    assert platform.refunds == before


@pytest.mark.parametrize(
    ("code", "seed"),
    [
        ("payment-not-watched", of_open(Payment, next_query_at=FAR + timedelta(days=30))),
        ("payment-not-watched", of_open(Payment, queried_at=FAR)),
        (
            "refund-not-watched",
            both(
                one(Refund, state="processing", next_at=FAR, finished_at=None),
                one(Payment, refunded_amount=0, reserved_amount=700),
                one(Order, refunded_amount=0),
            ),
        ),
    ],
)
def test_what_is_to_be_looked_at_next_month_is_not_watched(
    busy: Merchant, code: str, seed: Callable[[], object]
) -> None:
    seed()
    assert found() == {code: False}
    assert found(repair=True) == {code: True}
    assert found() == {}
