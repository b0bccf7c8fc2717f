"""Flags: what about an order needs a person."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scanforpay_django.fields import true_or_null
from scanforpay_django.models.order import Order


class Flag(models.Model):
    """One flag. Staff clear it with a reason; it is never deleted."""

    class Kind(models.TextChoices):
        LATE_PAYMENT = "late_payment", _("paid after it was closed or expired")
        DUPLICATE_PAYMENT = "duplicate_payment", _("paid twice")
        AMOUNT_MISMATCH = "amount_mismatch", _("another amount or currency was paid")
        OVER_REFUNDED = "over_refunded", _("refunded more than intended")
        REFUND_SUM = "refund_sum", _("the platform reports another sum of refunds")
        PAYMENT_INCOMPLETE = "payment_incomplete", _("reported as paid without a readable amount")
        ODD_NOTIFICATION = "odd_notification", _("a notification with unexpected fields")
        REFUND_STUCK = "refund_stuck", _("a refund is stuck: the payer cannot be reached")

    order = models.ForeignKey(
        Order,
        models.PROTECT,
        related_name="flags",
        verbose_name=_("order"),
        # the constraint's index serves
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    details = models.JSONField(_("details"), default=dict, blank=True)
    raised_at = models.DateTimeField(_("raised at"), default=timezone.now, editable=False)
    cleared_at = models.DateTimeField(_("cleared at"), null=True, blank=True)
    cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("cleared by"),
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    is_open_or_null = true_or_null(Q(cleared_at__isnull=True))

    class Meta:
        verbose_name = _("flag")
        verbose_name_plural = _("flags")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["order", "kind", "is_open_or_null"], name="scanforpay_flag_once")
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
