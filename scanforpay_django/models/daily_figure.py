"""Figures of a store's days, written by the worker from the rows and never by hand."""

from typing import Any, Self

from django.db import models

from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.models.moments import database_now
from scanforpay_django.models.store import Store
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel, PrimaryQuerySet

LOCK = "lock"


class DailyFigure(PrimaryModel):
    """One day, by the store's time zone, of one store, wallet and currency. Money in minor units.

    An order is counted among the created on the day that it was made, and stays there whenever it is paid; money is
    counted on the day that it was paid or refunded.
    """

    #: the columns that are added up
    SUMS = (
        "created_count",
        "opened_count",
        "opened_paid_count",
        "opened_waiting_count",
        "opened_refused_count",
        "paid_count",
        "paid_amount",
        "refunded_count",
        "refunded_amount",
    )

    day = models.DateField()
    store = PrimaryForeignKey(
        Store,
        models.CASCADE,
        related_name="daily_figures",
        # the constraint's index serves
        db_index=False,
    )
    # of the payment where there is one, else what the order asked for
    wallet = ExactCharField(max_length=20)
    currency = models.CharField(max_length=3)
    created_count = models.PositiveIntegerField(default=0)
    # of the created: a payment was begun at a platform
    opened_count = models.PositiveIntegerField(default=0)
    opened_paid_count = models.PositiveIntegerField(default=0)
    opened_waiting_count = models.PositiveIntegerField(default=0)
    # neither paid nor waiting, and a platform refused an attempt
    opened_refused_count = models.PositiveIntegerField(default=0)
    paid_count = models.PositiveIntegerField(default=0)
    paid_amount = models.BigIntegerField(default=0)
    refunded_count = models.PositiveIntegerField(default=0)
    refunded_amount = models.BigIntegerField(default=0)
    # of the payments that came that day, less what came back with refunds, from the ledger; NULL: no fee is known
    fee_amount: Any = models.BigIntegerField(null=True)
    # of these fees: how many are expected, since no bill has come
    expected_fee_count = models.IntegerField(default=0, db_default=0)
    # bucket of seconds from the first attempt to paid -> how many; operations.figures.durations knows the buckets
    pay_times = models.JSONField(default=dict)
    # five minutes of the day, counted from midnight -> the sums' values in their order; empty after a while
    slots = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "day", "wallet", "currency"], name="scanforpay_figure_once"
            )
        ]
        indexes = [
            # the last days of all stores
            models.Index(fields=["day"], name="scanforpay_figure_day")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.store_id} {self.wallet} {self.currency}"


class FigureMarkQuerySet(PrimaryQuerySet["FigureMark"]):
    """Marks by their name."""

    def lock(self) -> None:
        """One process at a time writes figures: with two, the one that has read earlier may write later. The mark
        ``LOCK`` was made before the transaction began: MariaDB calls it a deadlock when two make it in theirs.
        """
        self.select_for_update().get(name=LOCK)

    def positions(self) -> dict[str, int]:
        """Each mark's name -> its position."""
        return dict(self.values_list("name", "position"))

    def begin(self, name: str, position: int) -> None:
        """Make the mark unless it is there."""
        self.get_or_create(name=name, defaults={"position": position})

    def move(self, name: str, position: int) -> None:
        """Forward, never back: another worker may have come further."""
        self.filter(name=name, position__lt=position).update(position=position)

    def stamp(self) -> None:
        """The figures are as the rows were now."""
        found = {"at": database_now()}
        if not self.filter(name="read").update(**found):
            self.update_or_create(name="read", defaults={"position": 0, **found})

    def last_read(self) -> Self:
        """The mark whose ``at`` says when the rows were last read; none before the first time."""
        return self.filter(name="read")


class FigureMark(PrimaryModel):
    """How far one table has been read for the figures."""

    name = models.CharField(max_length=20, unique=True)
    position = models.BigIntegerField()
    at: Any = MomentField(null=True)

    objects = FigureMarkQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} {self.position}"
