"""Money going back from one payment."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField, true_or_null
from scanforpay_django.indexes import PartialIndex
from scanforpay_django.models.cause import MAX_ACTOR_LENGTH
from scanforpay_django.models.merchant import Partner, number_validator
from scanforpay_django.models.order import Order
from scanforpay_django.models.payment import Payment, new_out_trade_no
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel, PrimaryQuerySet


def new_out_refund_no() -> str:
    """28 letters and digits, globally unique; the merchant's own number is never sent to a platform."""
    return new_out_trade_no()


class RefundQuerySet(PrimaryQuerySet["Refund"]):
    """Refunds, and which of them are not final yet."""

    def unfinished(self) -> Self:
        """Those whose amount is reserved: the platform has not said the last word."""
        return self.filter(state__in=Refund.UNFINISHED)


class Refund(PrimaryModel):
    """One refund. Its amount is reserved on the payment from the moment the row is there until it is final."""

    class Kind(models.TextChoices):
        ORDER = "order", _("ordinary refund")
        DUPLICATE = "duplicate", _("refund of a duplicate payment")
        LATE = "late", _("refund of a late payment")
        MISMATCH = "mismatch", _("refund of a mismatched amount")

    class Source(models.TextChoices):
        API = "api", _("merchant's call")
        STAFF = "staff", _("staff")
        PROJECT = "project", _("this project")
        RULE = "rule", _("automatic (store setting)")
        PLATFORM = "platform", _("made at the platform")

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        REQUESTED = "requested", _("requested")
        PROCESSING = "processing", _("processing")
        UNKNOWN = "unknown", _("unknown")
        PAYER_UNREACHABLE = "payer_unreachable", _("payer unreachable")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")

    class Way(models.TextChoices):
        ORIGINAL = "", _("the way it came")
        PAYER_CARD = "payer_card", _("to a card of the payer")
        MERCHANT = "merchant", _("to the merchant's bank account")

    UNFINISHED = (State.QUEUED, State.REQUESTED, State.PROCESSING, State.UNKNOWN, State.PAYER_UNREACHABLE)
    TRANSITIONS: dict[str, frozenset[str]] = {
        State.QUEUED: frozenset({State.REQUESTED, State.SUCCEEDED, State.FAILED}),
        State.REQUESTED: frozenset(
            {State.PROCESSING, State.UNKNOWN, State.PAYER_UNREACHABLE, State.SUCCEEDED, State.FAILED}
        ),
        State.PROCESSING: frozenset(
            {State.REQUESTED, State.UNKNOWN, State.PAYER_UNREACHABLE, State.SUCCEEDED, State.FAILED}
        ),
        State.UNKNOWN: frozenset(
            {State.REQUESTED, State.PROCESSING, State.PAYER_UNREACHABLE, State.SUCCEEDED, State.FAILED}
        ),
        State.PAYER_UNREACHABLE: frozenset(
            {State.REQUESTED, State.PROCESSING, State.UNKNOWN, State.SUCCEEDED, State.FAILED}
        ),
        # The same request again goes out under a new number; and what was refused may arrive all the same.
        State.FAILED: frozenset({State.REQUESTED, State.SUCCEEDED}),
        State.SUCCEEDED: frozenset(),
    }

    partner = PrimaryForeignKey(
        Partner,
        models.PROTECT,
        related_name="refunds",
        verbose_name=_("partner"),
        # nothing asks for all refunds of a partner
        db_index=False,
    )
    order = PrimaryForeignKey(Order, models.PROTECT, related_name="refunds", verbose_name=_("order"))
    payment = PrimaryForeignKey(Payment, models.PROTECT, related_name="refunds", verbose_name=_("payment"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.ORDER)
    source = models.CharField(_("requested by"), max_length=10, choices=Source, default=Source.API)
    actor = models.CharField(_("actor"), max_length=MAX_ACTOR_LENGTH, blank=True)
    reason = models.CharField(_("reason"), max_length=80, blank=True)
    refund_no = ExactCharField(
        _("merchant's refund number"), max_length=32, blank=True, validators=[number_validator]
    )
    # A refund that was made in a platform's console keeps its number there: at most 64 characters. Unique by
    # constraint: see Payment.out_trade_no.
    out_refund_no = ExactCharField(
        _("our number (out_refund_no)"), max_length=64, default=new_out_refund_no, editable=False
    )
    submission = models.PositiveIntegerField(
        default=1, editable=False, help_text="how often it went out anew, from which our number follows"
    )
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.REQUESTED)
    # what staff chose where the payer could not be reached
    way = models.CharField(
        _("way"), max_length=10, choices=Way, blank=True, default=Way.ORIGINAL, db_default="", editable=False
    )
    operator_id = models.CharField(_("operator"), max_length=20, blank=True)
    terminal_no = models.CharField(_("terminal"), max_length=20, blank=True)
    refund_id = ExactCharField(_("platform's refund number"), max_length=64, blank=True)
    platform_code = models.CharField(_("platform's code"), max_length=64, blank=True)
    created_at = MomentField(_("created"), default=clock.now, editable=False)
    sent_at = MomentField(_("sent at"), null=True, blank=True)
    answered_at = MomentField(
        null=True, editable=False, help_text="when the merchant was first answered that it is in progress"
    )
    # until then one call waits for its end, and no other does
    held_until = MomentField(null=True, editable=False)
    finished_at = MomentField(_("finished at"), null=True, blank=True)
    next_at = MomentField(_("next step"), null=True, blank=True, default=clock.now)
    step_count = models.PositiveIntegerField(_("steps taken"), default=0)
    # Of the process that takes a step now: it writes only while this is its own.
    lease_token = ExactCharField(max_length=32, blank=True, editable=False)
    failing_since = MomentField(
        null=True, editable=False, help_text="when the platform's answers began to be missing or unusable"
    )
    has_refund_no_or_null = true_or_null(~Q(refund_no=""))

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        permissions = [("refund_above_limit", _("Can refund above the store's limit"))]
        ordering = ["-pk"]
        constraints = [
            # The number leads, so that staff who have only that find the refund.
            models.UniqueConstraint(
                fields=["refund_no", "partner", "has_refund_no_or_null"], name="scanforpay_refund_once"
            ),
            models.UniqueConstraint(fields=["out_refund_no"], name="scanforpay_out_refund_no_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="scanforpay_refund_amount"),
        ]
        indexes = [
            # what is due at the platform
            PartialIndex(
                fields=["next_at"],
                mysql_fields=["finished_at", "next_at"],
                condition=Q(finished_at__isnull=True),
                name="scanforpay_refund_due",
            ),
            # what was refunded on a day, for its figures
            PartialIndex(
                fields=["finished_at"],
                mysql_fields=["finished_at", "order"],
                condition=Q(finished_at__isnull=False),
                name="scanforpay_refund_finished",
            ),
            # staff compare with the platform's console by its number
            models.Index(
                fields=["refund_id"], condition=Q(refund_id__gt=""), name="scanforpay_refund_platform_no"
            ),
        ]

    def __str__(self) -> str:
        return self.refund_no or self.out_refund_no

    def status(self) -> int:
        """The integer the wire shows: 0 in progress, 1 refunded, 2 failed."""
        return {self.State.SUCCEEDED: 1, self.State.FAILED: 2}.get(self.State(self.state), 0)

    def event_data(self) -> dict[str, Any]:
        """What the order's timeline says of it."""
        return {
            "refund": self.out_refund_no,
            "refund_no": self.refund_no,
            "amount": self.amount,
            "kind": self.kind,
            "state": self.state,
        }

    def request_data(self) -> dict[str, Any]:
        """The same when it is requested, with why."""
        return {**self.event_data(), "reason": self.reason} if self.reason else self.event_data()

    def is_final(self) -> bool:
        """Whether nothing goes on any more."""
        return self.state in (self.State.SUCCEEDED, self.State.FAILED)
