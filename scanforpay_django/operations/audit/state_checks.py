"""States that nobody knows: whoever looks for rows by their state passes these by."""

from django.db import models

from scanforpay_django.models import Notification, NotificationAttempt, Order, Payment, Refund
from scanforpay_django.operations.audit.check import Check, Rows


def _check(name: str, invariant: int, rows: Rows, known: type[models.TextChoices]) -> Check:
    return Check(
        code=f"{name}-state-unknown",
        invariant=invariant,
        text=f"The {name} is in a state that does not exist: nobody looks after it.",
        rows=rows,
        find=lambda rows: rows.exclude(state__in=known.values),
    )


CHECKS = (
    _check("order", 7, Order.objects.all(), Order.State),
    _check("payment", 7, Payment.objects.all(), Payment.State),
    _check("refund", 7, Refund.objects.all(), Refund.State),
    _check("notification", 3, Notification.objects.all(), Notification.State),
    _check("try", 0, NotificationAttempt.objects.all(), NotificationAttempt.State),
)
