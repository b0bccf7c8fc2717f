"""Which orders stay in the database, and why."""

from collections.abc import Callable
from typing import Any

from scanforpay_django.models import Flag, HandlerCall, Notification, Order, Payment, Refund
from scanforpay_django.operations.archive.order_rows import Model, OrderRows

CHANGED = "changed or in use while it was archived"
REFERRED = "referred to by {}"

#: the reason, the rows it is about, and whether it holds for one of them
REASONS: tuple[tuple[str, Model, Callable[[Any], bool]], ...] = (
    ("awaiting payment", Order, lambda order: order.state == Order.State.PENDING),
    ("a payment that may still be paid", Payment, lambda payment: payment.is_unfinished()),
    ("an amount that is reserved for a refund", Payment, lambda payment: payment.reserved_amount != 0),
    ("a refund that is not final", Refund, lambda refund: not refund.is_final()),
    ("an open flag", Flag, lambda flag: flag.cleared_at is None),
    (
        "a notification that is not delivered yet",
        Notification,
        lambda notification: notification.state == Notification.State.PENDING,
    ),
    ("a handler call that is not done", HandlerCall, lambda call: call.state == HandlerCall.State.PENDING),
)


def find_reason_to_stay(rows: OrderRows) -> str:
    """Why an order is not archived; "" when it may be."""
    for reason, model, holds in REASONS:
        if any(holds(row) for row in rows.get(model, ())):
            return reason
    return ""
