"""A paid order and its refunds."""

import pytest

from scanforpay_django.flows.apply_payment import apply_payment
from scanforpay_django.models import Order, Payment
from scanforpay_django.wallets.base import PaymentResult, TradeState
from tests.causes import NOTIFICATION
from tests.merchant import Merchant
from tests.scripted import Platform, start


@pytest.fixture
def quick(settings) -> None:
    """The API does not wait for what does not come."""
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 0


@pytest.fixture
def order(merchant: Merchant, platform: Platform, quick: None) -> Order:
    """A paid order of 2100, number p1."""
    merchant.create(partnerOrderNo="p1", notifyUrl="https://shop.example/n")
    return pay(platform, Order.objects.get())


def pay(platform: Platform, order: Order, who: str = "a") -> Order:
    number = start(order, who).params["number"]
    platform.pay(number)
    payment = Payment.objects.get(out_trade_no=number)
    apply_payment(payment, paid(number), NOTIFICATION)
    order.refresh_from_db()
    return order


def paid(number: str) -> PaymentResult:
    return PaymentResult(
        out_trade_no=number, state=TradeState.PAID, amount=2100, currency="CNY", trade_no=f"t{number}"
    )


def refund(merchant: Merchant, number: str = "r1", amount: object = 700, **more: object) -> dict:
    body = {"partnerOrderNo": "p1", "refundNo": number, "orderAmount": amount, **more}
    return merchant.call("/api/common/refund", body)


def figures() -> tuple[int, int, int]:
    payment, order = Payment.objects.get(is_applied=True), Order.objects.get(partner_order_no="p1")
    assert 0 <= payment.refunded_amount + payment.reserved_amount <= payment.paid_amount
    return order.refunded_amount, payment.refunded_amount, payment.reserved_amount
