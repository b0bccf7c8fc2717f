"""The ledger: movements of money from one account to another, written once and never changed."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.models.append_only import AppendOnlyQuerySet, AppendOnlyRow
from scanforpay_django.models.moments import database_now
from scanforpay_django.models.store import Store
from scanforpay_django.models.wallet_account import WalletAccount
from scanforpay_django.primary import (
    PrimaryForeignKey,
    PrimaryModel,
    PrimaryOneToOneField,
    PrimaryQuerySet,
)

LOCK = "lock"
EVENTS = "events"
BILLS = "bills"


class PostingQuerySet(AppendOnlyQuerySet["Posting"]):
    """Postings are read and added."""


class Posting(AppendOnlyRow, PrimaryModel):
    """``amount`` moved from ``source`` to ``destination``. ``books.accounts`` has the accounts' names.

    A correction is a posting the other way that names the one it reverses, and a new one. Every posting has a cause,
    and ``revision`` counts those of one cause and kind: odd ones stand, the even one after it reverses it.
    """

    class CauseType(models.TextChoices):
        PAYMENT = "payment", _("payment")
        REFUND = "refund", _("refund")
        BILL = "bill", _("platform's bill")

    class Kind(models.TextChoices):
        COLLECTED = "collected", _("payment collected")
        REQUESTED = "requested", _("refund requested")
        REFUNDED = "refunded", _("refund paid out")
        FEE = "fee", _("fee of a payment")
        FEE_RETURNED = "fee_returned", _("fee returned with a refund")
        # the bill says the same as the agreed rate
        FEE_CONFIRMED = "fee_confirmed", _("fee confirmed by a bill")
        # of a bill: its currency stands behind it, as in "rounding:CNY"
        ROUNDING = "rounding", _("rounding of a bill's fees")

    source = ExactCharField(_("from account"), max_length=100, editable=False)
    destination = ExactCharField(_("to account"), max_length=100, editable=False)
    amount = models.BigIntegerField(_("amount"), editable=False)
    currency = models.CharField(_("currency"), max_length=3, editable=False)
    effective_at = MomentField(_("effective"), editable=False)
    booked_at = MomentField(_("booked"), default=clock.now, editable=False)
    cause_type = models.CharField(_("cause"), max_length=10, choices=CauseType, editable=False)
    # The row's key. It is no reference: an order that is archived leaves its postings.
    cause_id = models.BigIntegerField(_("cause's key"), editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, editable=False)
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)
    reverses = PrimaryOneToOneField(
        "self",
        models.PROTECT,
        null=True,
        related_name="reversed_by",
        verbose_name=_("reverses"),
        editable=False,
    )
    # of a fee: the part of the amount that was agreed when it was booked; None: none was, or a bill reverses the fee
    rate: Any = models.DecimalField(_("rate"), max_digits=6, decimal_places=5, null=True, editable=False)
    # The indexes of both lead with them.
    store = PrimaryForeignKey(
        Store, models.PROTECT, related_name="postings", db_index=False, verbose_name=_("store")
    )
    account = PrimaryForeignKey(
        WalletAccount,
        models.PROTECT,
        related_name="postings",
        db_index=False,
        verbose_name=_("wallet account"),
    )

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cause_type", "cause_id", "kind", "revision"], name="scanforpay_posting_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="scanforpay_posting_amount"),
        ]
        indexes = [
            # a store's month
            models.Index(fields=["store", "effective_at"], name="scanforpay_posting_store"),
            # an account's balance
            models.Index(fields=["account", "effective_at"], name="scanforpay_posting_account"),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.destination} {self.amount} {self.currency}"


class PostingMarkQuerySet(PrimaryQuerySet["PostingMark"]):
    """How far the ledger has come."""

    def lock(self) -> None:
        """One process at a time posts. ``begin`` made the mark before the transaction began: MariaDB calls it a
        deadlock when two make it in theirs.
        """
        self.select_for_update().get(name=LOCK)

    def begin(self, name: str) -> None:
        """Make the mark unless it is there."""
        self.get_or_create(name=name, defaults={"position": 0})

    def position(self) -> int:
        """The key of the last event whose order is posted, as are those of all events before it."""
        found = self.filter(name=EVENTS).values_list("position", flat=True).first()
        return found or 0

    def move(self, position: int) -> None:
        """Forward, never back: another worker may have come further."""
        self.filter(name=EVENTS, position__lt=position).update(position=position)

    def stamp(self) -> None:
        """All that the rows said now is posted."""
        self.filter(name=EVENTS).update(at=database_now())

    def take_turn(self, name: str, pause: timedelta) -> bool:
        """Whether no process has taken it within ``pause``; then it is the caller's."""
        self.begin(name)
        now = database_now()
        is_free = Q(at=None) | Q(at__lt=now - pause)
        return bool(self.filter(is_free, name=name).update(at=now))

    def keep_turn(self, name: str) -> None:
        """The process that has it is alive."""
        self.filter(name=name, at__isnull=False).update(at=database_now())

    def end_turn(self, name: str) -> None:
        """Another process may take it at once."""
        self.filter(name=name).update(at=None)

    def last_caught_up(self) -> Any:
        """The moment at which all rows were posted; None before the first time."""
        return self.filter(name=EVENTS).values_list("at", flat=True).first()


class PostingMark(PrimaryModel):
    """How far the orders' events have been read for the ledger."""

    name = models.CharField(max_length=20, unique=True)
    position = models.BigIntegerField()
    at: Any = MomentField(null=True)

    objects = PostingMarkQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} {self.position}"
