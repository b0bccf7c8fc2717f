"""A merchant sends an order again that was rebuilt after a restore: what only the merchant knows is added."""

from collections.abc import Mapping
from typing import Any

from scanforpay_django import clock
from scanforpay_django.exceptions import IdempotencyConflict
from scanforpay_django.merchant_notify.outbox import enqueue
from scanforpay_django.models import Notification, Order, RebuiltOrder
from scanforpay_django.models.database import atomic
from scanforpay_django.models.locks import lock_order

#: what a platform does not bring back
_LOST = (
    "entry",
    "title",
    "goods_amount",
    "goods_extra_amount",
    "operator_id",
    "terminal_no",
    "notify_url",
    "return_url",
)


def needs_completion(order: Order) -> bool:
    """Whether it was rebuilt, and its merchant has not sent it since. Every other order has a fingerprint."""
    return not order.fingerprint


def complete_order(order: Order, store_id: int, content: Mapping[str, Any], fingerprint: str) -> Order:
    """The order with what the merchant sent. One that is paid is announced now, under the id that its notification had
    before. Raises IdempotencyConflict where store, amount or currency differ from what was paid.
    """
    with atomic():
        locked = lock_order(order.pk)
        if not needs_completion(locked):
            if locked.fingerprint != fingerprint:
                raise IdempotencyConflict
            return locked
        same = (locked.store_id, locked.amount, locked.currency)
        if same != (store_id, content["amount"], content["currency"]):
            raise IdempotencyConflict("the order was paid with another amount, or at another store")
        for name in _LOST:
            setattr(locked, name, content[name])
        locked.fingerprint = fingerprint
        locked.save(update_fields=[*_LOST, "fingerprint"])
        RebuiltOrder.objects.filter(order=locked).update(completed_at=clock.now())
        _announce(locked)
    return locked


def _announce(order: Order) -> None:
    paid = order.payments.filter(is_applied=True).first()
    if order.state != Order.State.PAID or paid is None:
        return
    if not order.notifications.filter(kind=Notification.Kind.PAID).exists():
        enqueue(order, buyer=paid.buyer, buyer_id=paid.payer_id)
