"""After a restore the merchant's repeated refund, and staff's, is the refund that the platform knows."""

import pytest

from scanforpay_django import clock
from scanforpay_django.exceptions import PlatformRefused
from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.flows.find_lost_payments import find_lost_payments
from scanforpay_django.flows.import_platform_refund import import_refund
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.flows.refund_order import RequestedRefund, request_refund
from scanforpay_django.models import Notification, Order, OrderEvent, Payment, Refund, RestoreMark
from scanforpay_django.wallets.base import RefundResult, RefundState
from tests.causes import NOTIFICATION, STAFF
from tests.lost_orders import lose, restored
from tests.merchant import Merchant
from tests.paid_order import figures, order, quick, refund
from tests.scripted import Platform, platform

__all__ = ["order", "platform", "quick"]
pytestmark = pytest.mark.django_db(transaction=True)


def by_staff(order: Order, amount: int = 700) -> Refund:
    return carry_out(request_refund(order, RequestedRefund(refund_no="", amount=amount, cause=STAFF)))


def forget_refunds() -> None:
    """The copy that is restored knows the payment, and none of its refunds."""
    Refund.objects.all().delete()
    OrderEvent.objects.all().delete()
    Payment.objects.update(refunded_amount=0, reserved_amount=0)
    Order.objects.update(refunded_amount=0, state="paid")
    RestoreMark.objects.create(at=clock.now())


@pytest.mark.parametrize("refusals", [1, 2, 4])
def test_a_refund_that_went_out_at_a_later_try_is_not_made_again(
    merchant: Merchant, order: Order, platform: Platform, refusals: int
) -> None:
    platform.script["refund"] = PlatformRefused(platform_code="NOT_ENOUGH")
    for _ in range(refusals):
        assert refund(merchant)["status"] == 2
    platform.script.clear()
    assert refund(merchant)["status"] == 1
    given_back = dict(platform.refunds)
    forget_refunds()
    assert refund(merchant)["status"] == 1
    assert platform.refunds == given_back
    assert figures() == (700, 700, 0)


def test_staffs_refund_is_found_too_and_the_next_one_is_another(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    platform.script["refund"] = PlatformRefused(platform_code="NOT_ENOUGH")
    assert by_staff(order).state == "failed"
    platform.script.clear()
    assert by_staff(order).state == "succeeded"
    given_back = dict(platform.refunds)
    forget_refunds()
    assert by_staff(order).state == "succeeded"
    assert platform.refunds == given_back
    assert by_staff(order).state == "succeeded"
    assert len(platform.refunds) == 2
    assert figures() == (1400, 1400, 0)


def test_a_refund_that_was_lost_together_with_its_payment_is_not_made_again(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    platform.script["refund"] = PlatformRefused(platform_code="NOT_ENOUGH")
    assert refund(merchant)["status"] == 2
    platform.script.clear()
    assert refund(merchant)["status"] == 1
    given_back = dict(platform.refunds)
    forget_refunds()
    Notification.objects.all().delete()
    Payment.objects.all().delete()
    Order.objects.update(state="pending")
    poll_platforms()
    assert Payment.objects.get().state == "paid"
    assert refund(merchant)["status"] == 1
    assert platform.refunds == given_back


def test_a_refund_of_an_order_that_its_merchant_made_again_is_not_made_again(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    platform.script["refund"] = PlatformRefused(platform_code="NOT_ENOUGH")
    assert refund(merchant)["status"] == 2
    platform.script.clear()
    assert refund(merchant)["status"] == 1
    given_back = dict(platform.refunds)
    lose(order)
    restored()
    merchant.create(partnerOrderNo="p1", notifyUrl="https://shop.example/n")
    assert find_lost_payments(Order.objects.get()) == 1
    assert refund(merchant)["status"] == 1
    assert platform.refunds == given_back


def told_by_the_platform(number: str, amount: int = 700) -> None:
    result = RefundResult(out_refund_no=number, state=RefundState.SUCCEEDED, amount=amount)
    assert import_refund(Payment.objects.get(), result, NOTIFICATION)


@pytest.mark.parametrize("amount", [700, 2100])
def test_a_lost_refund_that_the_platform_speaks_of_first_is_the_merchants(
    merchant: Merchant, order: Order, platform: Platform, amount: int
) -> None:
    assert refund(merchant, amount=amount)["status"] == 1
    given_back = dict(platform.refunds)
    forget_refunds()
    told_by_the_platform(*given_back, amount)
    assert Refund.objects.get().source == "platform"
    answer = refund(merchant, amount=amount)
    assert (answer["code"], answer["status"]) == (1, 1)
    assert Refund.objects.get().refund_no == "r1"
    assert platform.refunds == given_back
    assert figures() == (amount, amount, 0)
    assert refund(merchant, amount=1)["code"] == 31


def test_a_lost_refund_of_staffs_that_the_platform_speaks_of_blocks_no_other(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    by_staff(order)
    given_back = dict(platform.refunds)
    forget_refunds()
    told_by_the_platform(*given_back)
    assert by_staff(order, 300).state == "succeeded"
    assert figures() == (1000, 1000, 0)


def test_a_number_that_another_refund_has_does_not_end_the_search(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    for _ in range(2):
        platform.script["refund"] = PlatformRefused(platform_code="NOT_ENOUGH")
        assert by_staff(order).state == "failed"
        platform.script.clear()
        assert by_staff(order).state == "succeeded"
    given_back = dict(platform.refunds)
    assert len(given_back) == 2
    forget_refunds()
    for _ in range(2):
        assert by_staff(order).state == "succeeded"
    assert platform.refunds == given_back
    assert figures() == (1400, 1400, 0)


def test_another_amount_is_not_sent_under_the_number_of_a_lost_refund(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    by_staff(order, 300)
    (lost,) = platform.refunds
    forget_refunds()
    sent = by_staff(order, 500)
    assert (sent.state, sent.out_refund_no != lost) == ("succeeded", True)
    assert sorted(platform.refunds) == sorted([lost, sent.out_refund_no])
    assert figures() == (500, 500, 0)
