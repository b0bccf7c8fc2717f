"""Differences between the platforms' bills and what is here."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.indexes import PartialIndex
from scanforpay_django.models.bill_day import BillDay
from scanforpay_django.models.wallet_account import WalletAccount
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel, PrimaryQuerySet

#: why a difference was closed without a person; translated where it is shown
NO_LONGER_THERE = gettext_noop("The bill and the books agree now.")


class DifferenceQuerySet(PrimaryQuerySet["Difference"]):
    """Differences by whether somebody has to look at them."""

    def open(self) -> "DifferenceQuerySet":
        """Those that are neither explained nor gone."""
        return self.filter(closed_at=None)

    def close(self, *, user_id: Any, reason: str) -> int:
        """Close the open ones of these in a person's name; how many there were. What is closed already keeps its
        reason.
        """
        return self.open().update(closed_at=clock.now(), closed_by_id=user_id, reason=reason)


class Difference(PrimaryModel):
    """One difference: what the bill says, what is here, and in which field. Found again, it is the same row."""

    class Kind(models.TextChoices):
        UNKNOWN_ORDER = "unknown_order", _("payment of ours in the bill, no order here")
        PAID_THERE_OPEN_HERE = "paid_there_open_here", _("paid in the bill, open here")
        PAID_THERE_CLOSED_HERE = "paid_there_closed_here", _("paid in the bill, closed here")
        MISSING_THERE = "missing_there", _("paid here, missing in the bill")
        AMOUNT = "amount", _("another amount")
        CURRENCY = "currency", _("another currency")
        DISCOUNT = "discount", _("settled below the order's amount")
        DOUBLE_PAYMENT = "double_payment", _("an order is paid twice")
        DUPLICATE_LINE = "duplicate_line", _("the bill has the same number twice")
        REVOKED_THERE = "revoked_there", _("reversed in the bill, paid here")
        PARTY = "party", _("line of another merchant")
        NUMBER = "number", _("another number at the platform")
        REFUND_UNKNOWN = "refund_unknown", _("refund in the bill, not here")
        REFUND_MISSING_THERE = "refund_missing_there", _("refunded here, missing in the bill")
        REFUND_AMOUNT = "refund_amount", _("another refund amount")
        REFUND_FAILED_THERE = "refund_failed_there", _("refund failed in the bill, done here")
        REFUND_PENDING = "refund_pending", _("refund accepted, not finished")
        OVER_REFUNDED = "over_refunded", _("more refunded than paid")
        FEE_RATE = "fee_rate", _("fee is not as agreed")
        FEE_SUM = "fee_sum", _("fees do not add up")
        BILL_LATE = "bill_late", _("no bill")
        BILL_BROKEN = "bill_broken", _("bill is not whole")
        LINE_UNREAD = "line_unread", _("line does not read")
        NOT_NOTIFIED = "not_notified", _("merchant was not notified")
        BILL_CHANGED = "bill_changed", _("bill was published again with other content")
        BALANCE = "balance", _("balance does not add up")

    #: nothing is missing: they are shown, and need no action
    NOTES = (Kind.DISCOUNT,)

    day = PrimaryForeignKey(
        BillDay,
        models.PROTECT,
        related_name="differences",
        verbose_name=_("day"),
        # the constraint's index serves
        db_index=False,
    )
    # the payment's, or the day's where no payment is known
    account = PrimaryForeignKey(
        WalletAccount, models.PROTECT, related_name="differences", verbose_name=_("wallet account")
    )
    kind = models.CharField(_("kind"), max_length=30, choices=Kind, editable=False)
    # our number of the payment or refund, or the line's place in the file
    number = ExactCharField(_("number"), max_length=100, editable=False)
    # counts what came back after it was closed
    occurrence = models.PositiveIntegerField(_("occurrence"), default=1, editable=False)
    # Text: an order that is archived leaves its differences.
    order_no = ExactCharField(_("order"), max_length=32, blank=True, editable=False)
    field = models.CharField(_("field"), max_length=100, blank=True, editable=False)
    ours = models.CharField(_("here"), max_length=200, blank=True, editable=False)
    theirs = models.CharField(_("in the bill"), max_length=200, blank=True, editable=False)
    # minor units; None where it is not about money
    amount = models.BigIntegerField(_("amount"), null=True, editable=False)
    currency = models.CharField(_("currency"), max_length=3, blank=True, editable=False)
    details = models.JSONField(_("details"), default=dict, blank=True, editable=False)
    # digest of what both sides say: a difference that a person closed comes back only when that changes
    facts = ExactCharField(max_length=64, editable=False)
    found_at = MomentField(_("found"), default=clock.now, editable=False)
    closed_at = MomentField(_("closed"), null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # A router may leave staff in another database than this table.
        db_constraint=False,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("closed by"),
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = DifferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "kind", "number", "occurrence"], name="scanforpay_difference_once"
            )
        ]
        indexes = [
            # the few that are open, newest first, for staff
            PartialIndex(
                fields=["id"],
                mysql_fields=["closed_at", "id"],
                condition=Q(closed_at__isnull=True),
                name="scanforpay_difference_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.number}"

    @property
    def reason_shown(self) -> str:
        """Why it was closed: what a person wrote, or our own words in the active language."""
        return gettext(self.reason) if self.reason == NO_LONGER_THERE else self.reason
