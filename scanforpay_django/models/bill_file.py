"""Platforms' bills: the bytes as they came, what they say of themselves, their lines, and what is wrong with them."""

from typing import Any

from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.conf import conf
from scanforpay_django.fields import ExactCharField, FeeField, MomentField
from scanforpay_django.models.payment import Payment
from scanforpay_django.models.refund import Refund
from scanforpay_django.models.wallet_account import WalletAccount
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel, PrimaryQuerySet


@deconstructible
class BillStorage(Storage):
    """The storage that SCANFORPAY_BILL_STORAGE names, looked up at each use. Its files have no address."""

    def _chosen(self) -> Storage:
        return storages[conf.bill_storage]

    def open(self, name: str, mode: str = "rb") -> "File[Any]":
        """The file as it came."""
        return self._chosen().open(name, mode)

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        """Store the bytes; the name that they have got."""
        return self._chosen().save(name, content, max_length=max_length)

    def delete(self, name: str) -> None:
        """Delete the file's bytes from the storage."""
        self._chosen().delete(name)

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        return self._chosen().exists(name)

    def size(self, name: str) -> int:
        """How many bytes the storage holds."""
        return self._chosen().size(name)


def bill_path(bill: "BillFile", name: str) -> str:
    """Below the account, by year."""
    return f"{bill.account_id}/{bill.day:%Y}/{bill.bill_type}-{bill.day}-{bill.sha256[:12]}{name}"


class BillFileQuerySet(PrimaryQuerySet["BillFile"]):
    """Bills by what they are of."""

    def current(self) -> "BillFileQuerySet":
        """Those that no later version has taken the place of."""
        return self.filter(superseded_by=None)

    def fees_due(self, now: Any) -> "BillFileQuerySet":
        """Those whose fees are to be posted, or looked at again, in the sequence in which they were read."""
        is_due = models.Q(fees_posted_at=None, fees_due_at=None) | models.Q(fees_due_at__lte=now)
        return self.current().filter(is_due, state=BillFile.State.READ).order_by("read_at", "pk")

    def with_old_lines(self, before: Any) -> "BillFileQuerySet":
        """Those that were read before, whose lines are rows and of no use any more: their files are kept, and their
        fees are posted, or never will be.
        """
        is_done = models.Q(fees_posted_at__isnull=False, fees_due_at=None)
        unused = is_done | models.Q(state=BillFile.State.BROKEN) | models.Q(superseded_by__isnull=False)
        settled = self.filter(
            unused, state__in=[BillFile.State.READ, BillFile.State.BROKEN], read_at__lt=before
        )
        lines = BillLine.objects.filter(file=models.OuterRef("pk"))
        return settled.exclude(packed="").filter(models.Exists(lines))

    def versions(self, bill: "BillFile") -> "BillFileQuerySet":
        """All that is there of the same bill, itself too."""
        return self.find_versions(bill.account_id, bill.bill_type, bill.day)

    def find_versions(self, account: Any, bill_type: str, day: Any) -> "BillFileQuerySet":
        """The same, of a bill that may not be there."""
        return self.filter(account=account, bill_type=bill_type, day=day)

    def lock_versions(self, bill: "BillFile") -> None:
        """One process at a time says which version counts. In the order of their keys, so that two never wait for each
        other.
        """
        list(self.versions(bill).order_by("pk").select_for_update().values_list("pk", flat=True))

    def claim(self, pk: int, reader: str, stale_before: Any) -> bool:
        """Take a bill for reading, unless another process reads it and is alive."""
        waiting = models.Q(state=BillFile.State.STORED) | models.Q(
            state=BillFile.State.READING, reading_at__lt=stale_before
        )
        return bool(
            self.filter(waiting, pk=pk).update(
                state=BillFile.State.READING, reader=reader, reading_at=clock.now()
            )
        )

    def hold(self, pk: int, reader: str) -> bool:
        """Whether it is still this reader's; in a transaction it stays so until the COMMIT."""
        held = self.filter(pk=pk, reader=reader, state=BillFile.State.READING)
        return bool(held.update(reading_at=clock.now()))


class BillFile(PrimaryModel):
    """One version of one bill. A bill that is fetched again with other content is a row of its own."""

    class State(models.TextChoices):
        STORED = "stored", _("stored")
        READING = "reading", _("being read")
        READ = "read", _("read")
        # cut, unknown, or it cannot be opened: its lines are not all of the day's
        BROKEN = "broken", _("not whole")
        # the platform says that there is no bill for the day
        NONE = "none", _("no bill")

    class Source(models.TextChoices):
        API = "api", _("fetched")
        UPLOAD = "upload", _("uploaded")

    account = PrimaryForeignKey(
        WalletAccount,
        models.PROTECT,
        related_name="bill_files",
        verbose_name=_("wallet account"),
        # the constraint's index serves
        db_index=False,
    )
    bill_type = models.CharField(_("kind of bill"), max_length=30)
    # of the platform's calendar; both the same for a bill of one day
    day = models.DateField(_("day"))
    last_day = models.DateField(_("last day"))
    source = models.CharField(_("source"), max_length=10, choices=Source)
    # the user name of the member of staff who uploaded it
    uploaded_by = models.CharField(_("uploaded by"), max_length=254, blank=True)
    packed = models.FileField(
        _("file"), storage=BillStorage(), upload_to=bill_path, max_length=200, blank=True, editable=False
    )
    size = models.BigIntegerField(_("size"), default=0)
    sha256 = ExactCharField(_("SHA-256"), max_length=64, blank=True)
    # as the platform gave it, "" where it gives none
    platform_hash = models.CharField(_("the platform's hash"), max_length=80, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.STORED)
    # whether its end shows that nothing is missing; None: such files do not show it
    is_whole = models.BooleanField(_("whole"), null=True)
    # why it could not be opened, as exceptions.BillRefused has it
    error = models.CharField(_("error"), max_length=200, blank=True)
    head = models.TextField(_("head"), blank=True)
    # name -> text, as the file writes them
    totals = models.JSONField(_("totals"), default=dict, blank=True)
    line_count = models.PositiveIntegerField(_("lines"), default=0)
    unread_count = models.PositiveIntegerField(_("lines that did not read"), default=0)
    problem_count = models.PositiveIntegerField(_("problems"), default=0)
    fetched_at = MomentField(_("received"), default=clock.now, editable=False)
    read_at: Any = MomentField(_("read"), null=True, blank=True, editable=False)
    # which process reads it, and when it last showed that it is alive
    reader = models.CharField(max_length=32, blank=True, editable=False)
    reading_at: Any = MomentField(null=True, blank=True, editable=False)
    # when its fees were last posted, and when lines without a posted payment are looked at again; None: not any more
    fees_posted_at: Any = MomentField(_("fees posted"), null=True, blank=True, editable=False)
    fees_due_at: Any = MomentField(null=True, blank=True, editable=False)
    # lines with a fee whose payment or refund is posted
    fee_count = models.PositiveIntegerField(
        _("fees posted of lines"), default=0, db_default=0, editable=False
    )
    superseded_by = PrimaryForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="supersedes",
        verbose_name=_("superseded by"),
    )

    objects = BillFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("platform's bill")
        verbose_name_plural = _("platforms' bills")
        ordering = ["-day", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "day", "bill_type", "sha256"], name="scanforpay_bill_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} · {self.bill_type} · {self.day}"


class BillLine(PrimaryModel):
    """One line: the fields of ``wallets.bills.values.BillLine`` in that order. Written in bulk, without signals."""

    class Kind(models.TextChoices):
        PAYMENT = "payment", _("payment")
        REFUND = "refund", _("refund")
        FAILED_REFUND = "failed_refund", _("failed refund")
        REVERSAL = "reversal", _("reversal")
        INCOME = "income", _("money in")
        EXPENSE = "expense", _("money out")

    file = PrimaryForeignKey(BillFile, models.CASCADE, related_name="lines")
    part = models.PositiveSmallIntegerField()
    line_no = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=Kind)
    word = models.CharField(max_length=64)
    out_trade_no = ExactCharField(max_length=64)
    trade_no = ExactCharField(max_length=64)
    out_refund_no = ExactCharField(max_length=64)
    refund_id = ExactCharField(max_length=64)
    flow_no = ExactCharField(max_length=64)
    at = MomentField()
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    settled_currency = models.CharField(max_length=3)
    settled = models.BigIntegerField(null=True)
    coupon = models.BigIntegerField(null=True)
    fee = FeeField(null=True)
    fee_currency = models.CharField(max_length=3)
    rate = models.CharField(max_length=20)
    party = ExactCharField(max_length=64)
    balance = models.BigIntegerField(null=True)
    reference = ExactCharField(max_length=128)
    # Joins without columns: what a line is about is found by its number, where it is ours.
    payment = models.ForeignObject(
        Payment,
        models.DO_NOTHING,
        from_fields=["out_trade_no"],
        to_fields=["out_trade_no"],
        null=True,
        editable=False,
        related_name="+",
    )
    refund = models.ForeignObject(
        Refund,
        models.DO_NOTHING,
        from_fields=["out_refund_no"],
        to_fields=["out_refund_no"],
        null=True,
        editable=False,
        related_name="+",
    )

    def __str__(self) -> str:
        return f"{self.kind} {self.out_trade_no or self.trade_no}"


class BillProblem(PrimaryModel):
    """Something about a bill that a person has to look at."""

    class Code(models.TextChoices):
        HEAD_UNKNOWN = "head_unknown", _("The file has no head that is known.")
        COLUMN_UNKNOWN = "column_unknown", _("A column is not known. The others were read.")
        LINE_UNREAD = "line_unread", _("A line does not read. It counts as nothing.")
        WORD_UNKNOWN = (
            "word_unknown",
            _("A line has a status or type that is not known. It counts as nothing."),
        )
        TOTAL_DIFFERS = "total_differs", _("A total is not what its lines add up to.")
        CUT = "cut", _("The file does not end as such files end: a part of it is missing.")
        PARTY = "party", _("A line is of another merchant.")
        DAY = "day", _("A line is of another day.")
        TOO_MANY = "too_many", _("More lines do not read than are listed.")

    file = PrimaryForeignKey(BillFile, models.CASCADE, related_name="problems")
    code = models.CharField(_("problem"), max_length=20, choices=Code)
    part = models.PositiveSmallIntegerField(_("file of the archive"), default=0)
    line_no = models.PositiveIntegerField(_("line"), default=0)
    field = models.CharField(_("column"), max_length=100, blank=True)
    stated = models.CharField(_("the bill says"), max_length=200, blank=True)
    expected = models.CharField(_("expected"), max_length=200, blank=True)
    # the line as it came, NUL written as \0
    raw = models.TextField(_("the line"), blank=True)

    class Meta:
        verbose_name = _("problem of a bill")
        verbose_name_plural = _("problems of bills")
        ordering = ["file", "part", "line_no", "pk"]

    def __str__(self) -> str:
        return f"{self.code} {self.line_no}"
