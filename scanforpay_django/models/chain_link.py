"""The chain: a link for each covered row, and statements between them. ``operations.chain`` writes and checks it."""

from django.db import models
from django.db.models import F

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.models.append_only import AppendOnlyQuerySet, AppendOnlyRow
from scanforpay_django.models.moments import database_now
from scanforpay_django.primary import PrimaryModel, PrimaryQuerySet

#: the one row of ChainWriter
WRITER = "writer"


class ChainLinkQuerySet(AppendOnlyQuerySet["ChainLink"]):
    """Links are read and added."""

    def last_link(self) -> "ChainLink | None":
        """The end of the chain."""
        return self.order_by("-number").first()

    def newest_statement(self, act: str) -> "ChainLink | None":
        """The last statement of a kind. ``row_pk`` of one is its number, so that the index finds it."""
        return self.filter(act=act, kind="").order_by("-row_pk").first()


class ChainLink(AppendOnlyRow, PrimaryModel):
    """One link: what was there, and a digest of it under a key, with that of the link before."""

    class Act(models.TextChoices):
        # a row is covered from here on; content: digests of its columns
        ROW = "row"
        # rows were deleted, put back, or emptied of a column, and may be; content: which and why
        REMOVED = "removed"
        RESTORED = "restored"
        ERASED = "erased"
        # a segment begins; content: why, what it cites, under which key
        SEGMENT = "segment"
        # up to where the rows of each table are in the chain
        HORIZON = "horizon"

    # without gaps
    number = models.BigIntegerField(primary_key=True)
    segment = models.PositiveIntegerField()
    act = models.CharField(max_length=10, choices=Act)
    # which table's rows, as ``operations.chain.covered`` names it; "" for a statement
    kind = models.CharField(max_length=12, blank=True)
    # of several rows the first and last; of a statement its own number
    row_pk = models.BigIntegerField()
    last_pk = models.BigIntegerField(null=True)
    linked_at = MomentField(default=clock.host_now)
    content = models.TextField()
    mac = ExactCharField(max_length=64)

    objects = ChainLinkQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        indexes = [
            # the link of a row, and the statements that are about it
            models.Index(fields=["act", "kind", "row_pk"], name="scanforpay_chain_row")
        ]

    def __str__(self) -> str:
        return f"link {self.number}"


class ChainWriterQuerySet(PrimaryQuerySet["ChainWriter"]):
    """Who writes the chain: one at a time."""

    def begin(self) -> None:
        """Make the row unless it is there. Call it before the transaction: MariaDB calls it a deadlock when two make it
        in theirs.
        """
        self.get_or_create(name=WRITER)

    def lock(self) -> None:
        """The others wait until the transaction ends. It is a write, so that SQLite's transaction is the only one
        too.
        """
        self.filter(name=WRITER).update(turns=F("turns") + 1)

    def stamp(self) -> None:
        """All rows that were there are linked."""
        self.filter(name=WRITER).update(at=database_now())


class ChainWriter(PrimaryModel):
    """The lock of those who write the chain, and when all was linked."""

    name = models.CharField(max_length=20, unique=True)
    turns = models.BigIntegerField(default=0)
    at = MomentField(null=True)

    objects = ChainWriterQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} {self.turns}"
