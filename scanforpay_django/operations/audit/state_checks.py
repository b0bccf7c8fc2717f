"""States that do not exist: every query by state passes such rows by."""

from django.db import models

from scanforpay_django.models import Notification, NotificationAttempt, Order, Payment, Refund
from scanforpay_django.operations.audit.check import Check, Rows


def _state_check(name: str, invariant: int, rows: Rows, known: type[models.TextChoices]) -> Check:
    return Check(
        code=f"{name}-state-unknown",
        invariant=invariant,
        text=f"The {name} is in a state that does not exist: no job will find it.",
        rows=rows,
        find=lambda rows: rows.exclude(state__in=known.values),
    )


STATE_CHECKS = (
    _state_check("order", 7, Order.objects.all(), Order.State),
    _state_check("payment", 7, Payment.objects.all(), Payment.State),
    _state_check("refund", 7, Refund.objects.all(), Refund.State),
    _state_check("notification", 3, Notification.objects.all(), Notification.State),
    _state_check("try", 0, NotificationAttempt.objects.all(), NotificationAttempt.State),
)
