"""Messages to merchants, every try to hand them over, and the endpoints they go to. The table is the queue."""

import statistics
import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField, true_or_null
from scanforpay_django.indexes import PartialIndex
from scanforpay_django.models.merchant import Partner
from scanforpay_django.models.moments import DatabaseNow
from scanforpay_django.models.order import Order
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel


def new_message_id() -> str:
    """The id that stays the same over every try."""
    return f"msg_{uuid.uuid4().hex}"


class Notification(PrimaryModel):
    """One message to one merchant. Its content and id are frozen when it is written; it is signed when it is sent."""

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        DELIVERED = "delivered", _("delivered")
        EXHAUSTED = "exhausted", _("given up")
        SUPERSEDED = "superseded", _("superseded")
        # never acknowledged; the merchant has asked since and was answered that it is paid
        LEARNED = "learned", _("learned by query")

    class Kind(models.TextChoices):
        PAID = "paid", _("paid")
        REFUND = "refund", _("refunded")

    order = PrimaryForeignKey(
        Order,
        models.PROTECT,
        related_name="notifications",
        verbose_name=_("order"),
        # the constraint's index serves
        db_index=False,
    )
    # the order's, so that a claim finds who waits without reading orders
    partner = PrimaryForeignKey(
        Partner,
        models.PROTECT,
        related_name="notifications",
        verbose_name=_("partner"),
        editable=False,
        # the index of the backlog serves
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PAID)
    refund = PrimaryForeignKey(
        "Refund",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="notifications",
        verbose_name=_("refund"),
        # the constraint's index serves
        db_index=False,
    )
    message_id = ExactCharField(_("message"), max_length=40, default=new_message_id, editable=False)
    url = models.CharField(_("address"), max_length=200)
    endpoint = ExactCharField(_("endpoint"), max_length=240, help_text=_("Partner, scheme, host and port."))
    content = models.TextField(_("content"), help_text=_("The value of “response”, as it will be signed."))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    created_at = MomentField(_("created"), default=clock.now, editable=False)
    next_at = MomentField(_("next attempt"), db_default=DatabaseNow())
    attempt_count = models.PositiveIntegerField(_("attempts"), default=0)
    schedule_start = models.PositiveIntegerField(
        default=0, editable=False, help_text="attempt_count when the retry ladder was last started anew"
    )
    lease_until = MomentField(null=True, blank=True, editable=False)
    lease_token = ExactCharField(max_length=32, blank=True, editable=False)
    delivered_at = MomentField(_("delivered at"), null=True, blank=True)
    last_reason = models.CharField(
        _("last reason"), max_length=200, blank=True, help_text=_("Why the last attempt failed.")
    )
    alarmed_at = MomentField(
        _("given up at"),
        null=True,
        blank=True,
        help_text=_("Given up: the merchant does not know of the payment."),
    )
    mailed_at = MomentField(_("partner mailed at"), null=True, blank=True)
    learned_at = MomentField(
        _("learned by query at"),
        null=True,
        blank=True,
        help_text=_(
            "When payQuery was first answered “paid” after an attempt had failed: no alarm is raised then."
        ),
    )
    is_paid_kind_or_null = true_or_null(Q(kind="paid"))

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        permissions = [("resend_notification", _("Can resend notifications"))]
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "is_paid_kind_or_null"], name="scanforpay_notification_paid_once"
            ),
            models.UniqueConstraint(fields=["refund"], name="scanforpay_notification_refund_once"),
            # Not unique=True, which would have PostgreSQL keep a second index: each is written three times a message.
            models.UniqueConstraint(fields=["message_id"], name="scanforpay_notification_message_once"),
        ]
        # The conditions that are always true keep a planner from taking one index for another: while its statistics say
        # that nothing waits, all look equally cheap, and the wrong one reads the whole queue for each row.
        indexes = [
            # what is due, oldest first
            PartialIndex(
                fields=["next_at"],
                mysql_fields=["state", "next_at"],
                condition=Q(state="pending", attempt_count__gte=0),
                name="scanforpay_notification_due",
            ),
            # who waits: partners, their endpoints, and the messages of one
            PartialIndex(
                fields=["partner", "endpoint", "next_at"],
                mysql_fields=["state", "partner", "endpoint", "next_at"],
                condition=Q(state="pending", schedule_start__gte=0),
                name="scanforpay_notification_queue",
            ),
            # what is being sent
            PartialIndex(
                fields=["endpoint"],
                mysql_fields=["lease_until", "endpoint"],
                condition=Q(state="pending") & Q(lease_until__isnull=False),
                name="scanforpay_notification_leased",
            ),
            # the few that were given up, for staff and the mails to partners
            models.Index(
                fields=["alarmed_at"],
                condition=Q(alarmed_at__isnull=False),
                name="scanforpay_notification_alarm",
            ),
        ]

    def __str__(self) -> str:
        return self.message_id


class NotificationAttempt(PrimaryModel):
    """One try. Written before the send, so that a worker that dies leaves a trace; finished when it is recorded."""

    class State(models.TextChoices):
        SENDING = "sending", _("sending")
        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        FAILED = "failed", _("failed")
        UNKNOWN = "unknown", _("not recorded")

    notification = PrimaryForeignKey(
        Notification,
        models.PROTECT,
        related_name="attempts",
        verbose_name=_("notification"),
        # the constraint's index serves
        db_index=False,
    )
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.SENDING)
    started_at = MomentField(_("started"), db_default=DatabaseNow())
    duration_ms = models.PositiveIntegerField(_("duration (ms)"), null=True, blank=True)
    http_status = models.PositiveIntegerField(_("HTTP status"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    answer = models.TextField(_("answer"), blank=True)
    address = models.CharField(_("address used"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("delivery attempt")
        verbose_name_plural = _("delivery attempts")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["notification", "number"], name="scanforpay_attempt_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.get_state_display()}"


class Endpoint(PrimaryModel):
    """Where a partner is notified: scheme, host and port. Breaker and statistics, counted across workers."""

    partner = PrimaryForeignKey(
        Partner,
        models.PROTECT,
        related_name="endpoints",
        verbose_name=_("partner"),
        # the constraint's index serves
        db_index=False,
    )
    origin = ExactCharField(_("address"), max_length=240)
    key = ExactCharField(
        max_length=240, unique=True, editable=False, help_text="what Notification.endpoint holds"
    )
    cap = models.PositiveIntegerField(
        null=True,
        editable=False,
        help_text="how many sends may be in flight; null: as many as to begin with",
    )
    failures_in_row = models.PositiveIntegerField(_("failures in a row"), default=0)
    open_since = MomentField(_("breaker open since"), null=True, blank=True)
    next_probe_at = MomentField(_("next probe"), null=True, blank=True)
    recovered_at = MomentField(_("breaker last closed"), null=True, blank=True)
    tokens = models.FloatField(default=0, editable=False, help_text="the slow start's bucket")
    refilled_at = MomentField(null=True, blank=True, editable=False)
    delivered_count = models.PositiveBigIntegerField(_("deliveries"), default=0)
    failed_count = models.PositiveBigIntegerField(_("failures"), default=0)
    delivered_at = MomentField(_("last delivered"), null=True, blank=True)
    failed_at = MomentField(_("last failed"), null=True, blank=True)
    recent = models.JSONField(
        default=list, blank=True, editable=False, help_text="milliseconds of the last tries; failed: -1 - ms"
    )

    class Meta:
        verbose_name = _("endpoint")
        verbose_name_plural = _("endpoints")
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["partner", "origin"], name="scanforpay_endpoint_once")]
        indexes = [
            # the few whose breaker is open or was, for staff and the slow start
            models.Index(
                fields=["recovered_at"],
                condition=Q(open_since__isnull=False) | Q(recovered_at__isnull=False),
                name="scanforpay_endpoint_limited",
            )
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def success_rate(self) -> float | None:
        """The part of the last tries that was acknowledged; None before the first."""
        return sum(1 for ms in self.recent if ms >= 0) / len(self.recent) if self.recent else None

    @property
    def median_ms(self) -> int | None:
        """The median time of the last acknowledged tries; None before the first."""
        done = [ms for ms in self.recent if ms >= 0]
        return round(statistics.median(done)) if done else None
