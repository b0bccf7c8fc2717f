"""The handlers: a payment changes with its order, whether its customer comes back or not."""

from scanforpay_django import checkout
from scanforpay_django.django_payments.payment_state import record_order
from scanforpay_django.models import Order


@checkout.on_paid
def confirm_payment(order: Order) -> None:
    """Exactly once, as every handler that runs in a transaction."""
    record_order(order)


@checkout.on_refunded
def record_refund(order: Order) -> None:
    """Refunds from admin, too."""
    record_order(order)


@checkout.on_closed
def reject_payment(order: Order) -> None:
    """The order was closed, or its time is over."""
    record_order(order)
