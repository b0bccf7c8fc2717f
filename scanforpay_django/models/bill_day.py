"""One day of one merchant number at a platform: whether its bill is here, and what came of comparing it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.indexes import PartialIndex
from scanforpay_django.models.bill_file import BillFile
from scanforpay_django.models.wallet_account import WalletAccount
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel, PrimaryQuerySet

#: fetching, reading and comparing a day takes less; a process that has not ended by then has died
LEASE = timedelta(minutes=20)


class BillDayQuerySet(PrimaryQuerySet["BillDay"]):
    """Days by what is to be done about them."""

    def claim(self, pk: int, token: str) -> bool:
        """Have the day for oneself, unless another process has it and is alive."""
        now = clock.now()
        is_free = Q(lease_until=None) | Q(lease_until__lt=now)
        return bool(self.filter(is_free, pk=pk).update(lease_until=now + LEASE, lease_token=token))

    def held(self, pk: int, token: str) -> "BillDayQuerySet":
        """The day while it is this process's. An UPDATE of it is the condition and the lock at once."""
        return self.filter(pk=pk, lease_token=token)

    def due(self, now: datetime) -> "BillDayQuerySet":
        """Days that are to be fetched or compared now, the oldest first."""
        return self.filter(next_at__lte=now).order_by("next_at", "pk")


class BillDay(PrimaryModel):
    """A bill is fetched once for a merchant number, which several wallet accounts may share."""

    class State(models.TextChoices):
        WAITING = "waiting", _("bill not out")
        LATE = "late", _("bill late")
        # the platform keeps it no longer
        GONE = "gone", _("bill gone")
        # nothing happened on the day
        NONE = "none", _("no bill")
        # it is not whole: its lines are compared, and nothing is said to be missing in it
        BROKEN = "broken", _("bill not whole")
        COMPARED = "compared", _("compared")

    #: nothing more is expected of the day's bill
    FINAL = (State.NONE, State.COMPARED, State.GONE)

    # wallet, environment and number: what a bill is asked for
    merchant = ExactCharField(max_length=120, editable=False)
    # the platform's number of the merchant, as people know it
    number = ExactCharField(_("merchant number"), max_length=64, editable=False)
    # whose credentials fetch the bill
    account = PrimaryForeignKey(
        WalletAccount, models.PROTECT, related_name="bill_days", verbose_name=_("wallet account")
    )
    bill_type = models.CharField(_("kind of bill"), max_length=30, editable=False)
    # of the platform's calendar
    day = models.DateField(_("day"), editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING, editable=False)
    ask_count = models.PositiveIntegerField(_("times asked"), default=0, editable=False)
    asked_at = MomentField(_("last asked"), null=True, editable=False)
    next_at = MomentField(_("next step"), null=True, editable=False)
    # why the last attempt came to nothing
    error = models.CharField(_("error"), max_length=200, blank=True, editable=False)
    # the version that was compared
    bill = PrimaryForeignKey(
        BillFile, models.SET_NULL, null=True, editable=False, related_name="+", verbose_name=_("bill")
    )
    compared_at = MomentField(_("compared"), null=True, editable=False)
    # currency -> payments, paid, refunds, refunded: how many, and minor units
    totals = models.JSONField(_("totals"), default=dict, blank=True, editable=False)
    # the same of other systems' lines on the same merchant number
    foreign_totals = models.JSONField(_("of other systems"), default=dict, blank=True, editable=False)
    # whether something can only be judged when a neighbouring day's bill is here
    is_waiting_for_neighbours = models.BooleanField(default=False, editable=False)
    lease_until = MomentField(null=True, editable=False)
    lease_token = ExactCharField(max_length=32, blank=True, editable=False)

    objects = BillDayQuerySet.as_manager()

    class Meta:
        verbose_name = _("day of a bill")
        verbose_name_plural = _("days of bills")
        ordering = ["-day", "merchant"]
        constraints = [
            models.UniqueConstraint(fields=["day", "merchant", "bill_type"], name="scanforpay_bill_day_once")
        ]
        indexes = [
            # the few whose next step is due
            PartialIndex(
                fields=["next_at"],
                mysql_fields=["next_at"],
                condition=Q(next_at__isnull=False),
                name="scanforpay_bill_day_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.day}"

    def is_final(self) -> bool:
        """Whether nothing more is expected of its bill."""
        return self.state in self.FINAL


def count_lines(totals: dict[str, Any]) -> int:
    """Payments and refunds of all currencies."""
    return sum(one["payments"] + one["refunds"] for one in totals.values())
