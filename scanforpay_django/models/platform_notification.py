"""Platform notifications, stored as received once their signature was verified."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.indexes import PartialIndex
from scanforpay_django.models.payment import Payment
from scanforpay_django.models.wallet_account import WalletAccount
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel

#: outcomes of messages that were not applied, and that the platform is to say again
UNKNOWN_OUTCOME, REFUSED_OUTCOME, INCOMPLETE_OUTCOME = "unknown", "refused", "incomplete"
NOT_APPLIED = ("", UNKNOWN_OUTCOME, REFUSED_OUTCOME, INCOMPLETE_OUTCOME)
#: said again, and applied by then
REPEATED_OUTCOME = "already_applied"


class PlatformNotification(PrimaryModel):
    """One verified notification, unique by the platform's own event id."""

    account = PrimaryForeignKey(
        WalletAccount, models.PROTECT, related_name="platform_notifications", verbose_name=_("wallet account")
    )
    event_id = ExactCharField(_("event"), max_length=128)
    kind = models.CharField(_("kind"), max_length=64, blank=True)
    body = models.TextField(_("body"))
    payment = PrimaryForeignKey(
        Payment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="platform_notifications",
        verbose_name=_("payment"),
    )
    outcome = models.CharField(_("outcome"), max_length=30, blank=True)
    times_seen = models.PositiveIntegerField(_("times seen"), default=1)
    received_at = MomentField(_("received"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("platform's notification")
        verbose_name_plural = _("platforms' notifications")
        ordering = ["-pk"]
        constraints = [
            # The event leads, so that staff who have only that find it; the account has an index of its own.
            models.UniqueConstraint(fields=["event_id", "account"], name="scanforpay_platform_event_once")
        ]
        indexes = [
            # what was not applied, for the audit: few among millions
            PartialIndex(
                fields=["received_at"],
                mysql_fields=["outcome", "received_at"],
                condition=models.Q(outcome__in=NOT_APPLIED),
                name="scanforpay_platform_waiting",
            )
        ]

    def __str__(self) -> str:
        return self.event_id
