"""Refunds above a store's limit: one member of staff requests them, another decides."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField, true_or_null
from scanforpay_django.indexes import PartialIndex
from scanforpay_django.models.cause import MAX_ACTOR_LENGTH
from scanforpay_django.models.order import Order
from scanforpay_django.models.payment import Payment
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel

#: a request that is not decided is dropped
TIME_TO_DECIDE = timedelta(hours=24)
MAX_USER_KEY_LENGTH = 64


def new_deadline() -> datetime:
    """Until when a request that is made now may be decided."""
    return clock.now() + TIME_TO_DECIDE


def user_key(user: Any) -> str:
    """What tells users apart: the key, since names change, and as a text, since keys have many types."""
    return str(user.pk)[:MAX_USER_KEY_LENGTH]


class RefundApproval(PrimaryModel):
    """One request. Its state changes once, by conditional UPDATE; an order has at most one that waits."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for a second person")
        APPROVED = "approved", _("approved")
        DECLINED = "declined", _("declined")
        DROPPED = "dropped", _("dropped")

    order = PrimaryForeignKey(
        Order,
        models.PROTECT,
        related_name="refund_approvals",
        verbose_name=_("order"),
        # the constraint's index serves
        db_index=False,
    )
    # that all of it is to be refunded although it was not applied; None: a refund of the order
    payment = PrimaryForeignKey(
        Payment, models.PROTECT, null=True, related_name="refund_approvals", verbose_name=_("payment")
    )
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    reason = models.CharField(_("reason"), max_length=80, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    requested_by = models.CharField(_("requested by"), max_length=MAX_ACTOR_LENGTH)
    requested_by_key = ExactCharField(max_length=MAX_USER_KEY_LENGTH, editable=False)
    requested_at = MomentField(_("requested at"), default=clock.now, editable=False)
    decide_until = MomentField(_("decide until"), default=new_deadline, editable=False)
    decided_by = models.CharField(_("decided by"), max_length=MAX_ACTOR_LENGTH, blank=True)
    decided_at = MomentField(_("decided at"), null=True, blank=True)

    is_waiting_or_null = true_or_null(Q(state="waiting"))

    class Meta:
        verbose_name = _("refund approval")
        verbose_name_plural = _("refund approvals")
        permissions = [("approve_refund", _("Can approve refunds that others requested"))]
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "is_waiting_or_null"], name="scanforpay_approval_waiting_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="scanforpay_approval_amount"),
        ]
        indexes = [
            # what was not decided in time
            PartialIndex(
                fields=["decide_until"],
                mysql_fields=["state", "decide_until"],
                condition=Q(state="waiting"),
                name="scanforpay_approval_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.get_state_display()}"

    def belongs_to(self, user: Any) -> bool:
        """Whether the user has requested it."""
        return self.requested_by_key == user_key(user)

    def event_data(self) -> dict[str, Any]:
        """What the order's timeline says of it."""
        return {"amount": self.amount, "currency": self.currency, "reason": self.reason}
