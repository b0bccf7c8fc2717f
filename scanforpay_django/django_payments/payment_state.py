"""What an order says, written to the payment of django-payments that it is for."""

import logging
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from payments import PaymentStatus, get_payment_model

from scanforpay_django import money
from scanforpay_django.models import Order, Refund
from scanforpay_django.models.database import atomic

logger = logging.getLogger(__name__)

#: of the order's metadata: the payment's token
METADATA_KEY = "django_payment"


def record_order(order: Order) -> None:
    """Bring the payment to the order's state, once: its signal ``status_changed`` is sent for a change alone. Orders of
    others are left alone.
    """
    token = order.metadata.get(METADATA_KEY)
    if not token:
        return
    with atomic():
        payment = get_payment_model().objects.select_for_update().filter(token=token).first()
        if payment is None:
            logger.error("order %s is for a payment that is not there any more", order.order_no)
            return
        order = Order.objects.get(pk=order.pk)
        if order.paid_at is not None:
            _record_money(payment, order)
        elif order.state in (Order.State.CLOSED, Order.State.EXPIRED):
            _change(payment, PaymentStatus.REJECTED, unless=PaymentStatus.CANCELLED)


def _record_money(payment: Any, order: Order) -> None:
    left = order.amount - _sum_refunds(order)
    captured = Decimal(money.to_major(left, order.currency))
    if payment.captured_amount != captured:
        payment.captured_amount = captured
        payment.save(update_fields=["captured_amount"])
    _change(payment, PaymentStatus.CONFIRMED if left else PaymentStatus.REFUNDED)


def _sum_refunds(order: Order) -> int:
    """What went back of the payment that counts, or is on its way, as django-payments counts it."""
    rows = order.refunds.filter(kind=Refund.Kind.ORDER).exclude(state=Refund.State.FAILED)
    return int(rows.aggregate(total=Sum("amount"))["total"] or 0)


def _change(payment: Any, status: str, *, unless: str = "") -> None:
    if payment.status not in (status, unless):
        payment.change_status(status)
