"""Messages to merchants and every try to hand them over. The table is the queue."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scanforpay_django.models.order import Order


def new_message_id() -> str:
    """The id that stays the same over every try."""
    return f"msg_{uuid.uuid4().hex}"


class Notification(models.Model):
    """One message to one merchant. Its content and id are frozen when it is written; it is signed when it is sent."""

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        DELIVERED = "delivered", _("delivered")
        DEAD = "dead", _("given up")
        SUPERSEDED = "superseded", _("superseded")

    class Kind(models.TextChoices):
        PAID = "paid", _("paid")

    order = models.ForeignKey(Order, models.PROTECT, related_name="notifications", verbose_name=_("order"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PAID)
    message_id = models.CharField(
        _("message"), max_length=40, unique=True, default=new_message_id, editable=False
    )
    url = models.CharField(_("address"), max_length=200)
    endpoint = models.CharField(_("endpoint"), max_length=240, help_text=_("Partner, scheme, host and port."))
    content = models.TextField(_("content"), help_text=_("The value of “response”, as it will be signed."))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    next_at = models.DateTimeField(_("next try"), db_default=Now())
    attempt_count = models.PositiveIntegerField(_("tries"), default=0)
    schedule_start = models.PositiveIntegerField(
        default=0, editable=False, help_text="attempt_count when the retry ladder was last started anew"
    )
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    lease_token = models.CharField(max_length=32, blank=True, editable=False)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["order", "kind"], name="scanforpay_notification_once")]
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(state="pending"), name="scanforpay_notification_due"
            ),
            models.Index(
                fields=["endpoint"],
                condition=Q(state="pending") & Q(lease_until__isnull=False),
                name="scanforpay_notification_leased",
            ),
        ]

    def __str__(self) -> str:
        return self.message_id


class NotificationAttempt(models.Model):
    """One try. Written before the send, so that a worker that dies leaves a trace; finished when it is recorded."""

    class State(models.TextChoices):
        SENDING = "sending", _("sending")
        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        FAILED = "failed", _("failed")
        UNKNOWN = "unknown", _("not recorded")

    notification = models.ForeignKey(
        Notification, models.PROTECT, related_name="attempts", verbose_name=_("notification")
    )
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.SENDING)
    started_at = models.DateTimeField(_("started"), db_default=Now())
    duration_ms = models.PositiveIntegerField(_("duration (ms)"), null=True, blank=True)
    http_status = models.PositiveIntegerField(_("HTTP status"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    answer = models.TextField(_("answer"), blank=True)
    address = models.CharField(_("address used"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("try")
        verbose_name_plural = _("tries")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["notification", "number"], name="scanforpay_attempt_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.get_state_display()}"
