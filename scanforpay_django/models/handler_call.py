"""Calls of the project's own handlers, and what the project keeps with an order."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.indexes import PartialIndex
from scanforpay_django.models.moments import due_moment
from scanforpay_django.models.order import Order
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel, PrimaryOneToOneField, PrimaryQuerySet


class HandlerCallQuerySet(PrimaryQuerySet["HandlerCall"]):
    """Calls, and which of them are due."""

    def due(self) -> Self:
        """Those that no process has claimed and whose time has come, by the database's clock."""
        return self.filter(state=HandlerCall.State.PENDING, next_at__lte=due_moment())


class HandlerCall(PrimaryModel):
    """One call of one handler for one event of an order: written in the transaction of the event, marked as done in the
    transaction of the handler.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        DONE = "done", _("done")
        EXHAUSTED = "exhausted", _("given up")

    order = PrimaryForeignKey(
        Order, models.PROTECT, related_name="handler_calls", db_index=False, verbose_name=_("order")
    )
    event = models.CharField(_("event"), max_length=10)
    # of a refund our number of it, else ""
    subject = ExactCharField(max_length=64, blank=True, editable=False)
    handler = ExactCharField(_("handler"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    created_at = MomentField(_("created"), default=clock.now, editable=False)
    next_at = MomentField(_("next attempt"), default=clock.now)
    attempt_count = models.PositiveIntegerField(_("attempts"), default=0)
    lease_token = ExactCharField(max_length=32, blank=True, editable=False)
    finished_at = MomentField(_("finished at"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)

    objects = HandlerCallQuerySet.as_manager()

    class Meta:
        verbose_name = _("handler call")
        verbose_name_plural = _("handler calls")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "event", "subject", "handler"], name="scanforpay_handler_call_once"
            )
        ]
        indexes = [
            # what is due, oldest first
            PartialIndex(
                fields=["next_at"],
                mysql_fields=["state", "next_at"],
                condition=models.Q(state="pending"),
                name="scanforpay_handler_call_due",
            ),
            # the few that were given up, for staff and the audit
            PartialIndex(
                fields=["id"],
                mysql_fields=["state", "id"],
                condition=models.Q(state="exhausted"),
                name="scanforpay_handler_given_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.handler} ({self.event})"


class OrderMetadata(PrimaryModel):
    """What the project keeps with an order that it made itself."""

    order = PrimaryOneToOneField(Order, models.PROTECT, related_name="stored_metadata")
    data = models.JSONField()

    def __str__(self) -> str:
        return f"metadata of order {self.order_id}"
