"""What was seen, and confirmed by a person, of the steps that stand before an account's first real payment."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.models.cause import MAX_ACTOR_LENGTH
from scanforpay_django.models.missing_rows import create_missing
from scanforpay_django.models.wallet_account import WalletAccount
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel, PrimaryQuerySet

MAX_STEP_LENGTH = 40
SUBJECT_LENGTH = 32


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """What a look at one step came to."""

    # of the wallet's list
    step: str
    # a GoLiveCheck.State
    state: str
    # a text marked for translation, with named parts
    seen: str
    # those parts; JSON
    details: dict[str, Any] = field(default_factory=dict)
    # what was looked at: with another subject the result holds no more
    subject: str = ""


class GoLiveCheckQuerySet(PrimaryQuerySet["GoLiveCheck"]):
    """Rows are made by the first result or confirmation. An older look never replaces a newer one."""

    def record(self, account: WalletAccount, results: Iterable[StepResult], at: datetime) -> None:
        """Keep what was seen when the look began. Call it in a transaction."""
        for one in results:
            self._make(account, one.step)
            older = Q(checked_at__isnull=True) | Q(checked_at__lt=at)
            found = self.filter(account=account, step=one.step).filter(older)
            found.update(
                state=one.state, seen=one.seen, details=one.details, subject=one.subject, checked_at=at
            )

    def confirm(self, account: WalletAccount, step: str, *, actor: str, subject: str) -> bool:
        """A person says that it is done. False where the same was confirmed before. Call it in a transaction."""
        self._make(account, step)
        others = ~Q(confirmed_subject=subject) | Q(confirmed_at__isnull=True)
        found = self.filter(account=account, step=step).filter(others)
        name, now = actor[:MAX_ACTOR_LENGTH], clock.now()
        return bool(found.update(confirmed_subject=subject, confirmed_by=name, confirmed_at=now))

    def withdraw(self, account: WalletAccount, step: str) -> bool:
        """Take a confirmation back; whether there was one."""
        confirmed = self.filter(account=account, step=step, confirmed_at__isnull=False)
        return bool(confirmed.update(confirmed_by="", confirmed_at=None, confirmed_subject=""))

    def begin_trial(self, account: WalletAccount, step: str, *, order_pk: int, before: int | None) -> bool:
        """Put the order of a real payment in the place of the one that was there before; False where another has taken
        it. Call it in a transaction.
        """
        self._make(account, step)
        found = self.filter(account=account, step=step, order_pk=before)
        return bool(found.update(order_pk=order_pk))

    def _make(self, account: WalletAccount, step: str) -> None:
        create_missing(self.all(), [self.model(account=account, step=step)], unique=["account", "step"])


class GoLiveCheck(PrimaryModel):
    """One step of one account: what our own look found, and what a person has confirmed."""

    class State(models.TextChoices):
        UNKNOWN = "unknown", _("not seen yet")
        OK = "ok", _("ok")
        FAILED = "failed", _("failed")

    account = PrimaryForeignKey(
        WalletAccount,
        models.CASCADE,
        related_name="go_live_checks",
        verbose_name=_("wallet account"),
        # the constraint's index serves
        db_index=False,
    )
    step = ExactCharField(_("step"), max_length=MAX_STEP_LENGTH)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.UNKNOWN)
    # marked for translation; with the details as named parts
    seen = models.CharField(_("what was seen"), max_length=300, blank=True)
    details = models.JSONField(default=dict, blank=True, editable=False)
    # a digest of what the step was about when it was looked at, and when it was confirmed
    subject = ExactCharField(max_length=SUBJECT_LENGTH, blank=True, editable=False)
    confirmed_subject = ExactCharField(max_length=SUBJECT_LENGTH, blank=True, editable=False)
    checked_at = MomentField(_("checked"), null=True, blank=True)
    confirmed_by = models.CharField(_("confirmed by"), max_length=MAX_ACTOR_LENGTH, blank=True)
    confirmed_at = MomentField(_("confirmed at"), null=True, blank=True)
    # the order of a real payment, by its key: archived or not, the result stays
    order_pk = models.BigIntegerField(null=True, blank=True, editable=False)

    objects = GoLiveCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("go-live check")
        verbose_name_plural = _("go-live checks")
        ordering = ["account", "step"]
        constraints = [models.UniqueConstraint(fields=["account", "step"], name="scanforpay_go_live_once")]

    def __str__(self) -> str:
        return f"{self.step}: {self.state}"
