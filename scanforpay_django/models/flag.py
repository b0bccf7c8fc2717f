"""Flags: what about an order needs a person."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.fields import MomentField, true_or_null
from scanforpay_django.indexes import PartialIndex
from scanforpay_django.models.order import Order
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel

#: what staff do about a flag, by its kind
ADVICE = {
    "late_payment": _("Refund the payment on the order's page, or deliver and settle it with the customer."),
    "duplicate_payment": _("Refund the second payment on the order's page, unless that went by itself."),
    "amount_mismatch": _("Compare with the platform's console, then refund the payment on the order's page."),
    "over_refunded": _(
        "Compare the refunds in the platform's console; ask the customer for what went too often."
    ),
    "refund_sum": _(
        "Compare the refunds in the platform's console with the order's. What was made there has been recorded here; "
        "what is missing there, report to the platform."
    ),
    "payment_incomplete": _(
        "Look for the payment in the platform's console: the customer may have paid. Then ask the platform from the "
        "order's page."
    ),
    "odd_notification": _(
        "The platform was asked and its answer was taken. If the fields are new in its documents, update this "
        "software; if not, somebody may have forged a message."
    ),
    "refund_stuck": _(
        "The money has left the merchant and waits at the platform: choose another way to the customer in its console."
    ),
    "refund_overdue": _(
        "Look for the refund in the platform's console. If the platform's answers fail, test the account's "
        "connection: a certificate may be revoked, or the platform may be out of reach. Do not refund under another "
        "number."
    ),
    "payment_overdue": _(
        "Look for the payment in the platform's console. If the platform's answers fail, test the account's "
        "connection: a certificate may be revoked, or the platform may be out of reach."
    ),
    "handler_failed": _(
        "A function of this project that is called for each order has failed too often: its error is at the order's "
        "handler calls. Mend it, then have it called again there."
    ),
    "refund_approval": _(
        "Decide on the order's page: above the store's limit, a second person confirms a refund."
    ),
    "message_refused": _(
        "The message is kept as it came among the platforms' notifications. Ask the platform for the payment from the "
        "order's page; report what cannot be right to the platform."
    ),
}


#: why a flag was cleared without a member of staff; translated where it is shown
ENDED_BY_ITSELF = gettext_noop("It ended by itself.")


class Flag(PrimaryModel):
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
        REFUND_OVERDUE = "refund_overdue", _("a refund has not ended in time")
        PAYMENT_OVERDUE = "payment_overdue", _("the platform has not said whether it was paid")
        HANDLER_FAILED = "handler_failed", _("a handler of the project has failed")
        REFUND_APPROVAL = "refund_approval", _("a refund waits for a second person")
        MESSAGE_REFUSED = "message_refused", _("a message of the platform cannot be used")

    order = PrimaryForeignKey(
        Order,
        models.PROTECT,
        related_name="flags",
        verbose_name=_("order"),
        # the constraint's index serves
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    details = models.JSONField(_("details"), default=dict, blank=True)
    raised_at = MomentField(_("raised at"), default=clock.now, editable=False)
    cleared_at = MomentField(_("cleared at"), null=True, blank=True)
    cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # A router may leave staff in another database than this table.
        db_constraint=False,
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
        indexes = [
            # the few that are open, newest first, for staff and the audit
            PartialIndex(
                fields=["id"],
                mysql_fields=["cleared_at", "id"],
                condition=Q(cleared_at__isnull=True),
                name="scanforpay_flag_open",
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def reason_shown(self) -> str:
        """Why it was cleared: what a person wrote, or our own words in the active language."""
        return gettext(self.reason) if self.reason == ENDED_BY_ITSELF else self.reason

    @property
    def advice(self) -> Any:
        """What staff do about it."""
        return ADVICE.get(self.kind, "")
