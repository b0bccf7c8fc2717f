"""Attempts at a platform, and the customers' sign-ins there."""

import re
import secrets
import string
from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField, true_or_null
from scanforpay_django.indexes import PartialIndex
from scanforpay_django.models.order import Order
from scanforpay_django.models.wallet_account import WalletAccount
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel, PrimaryQuerySet

ALPHANUMERIC = string.ascii_letters + string.digits


def new_out_trade_no() -> str:
    """28 letters and digits, globally unique: what every platform takes (6 to 32 letters and digits)."""
    return f"{clock.now():%y%m%d%H%M%S}" + "".join(secrets.choice(ALPHANUMERIC) for _ in range(16))


STATE_KEY = re.compile(r"[A-Za-z0-9]{32}")


def new_state_key() -> str:
    """32 letters and digits: OAuth ``state`` may hold nothing else."""
    return "".join(secrets.choice(ALPHANUMERIC) for _ in range(32))


class PaymentQuerySet(PrimaryQuerySet["Payment"]):
    """Payments, and which of them may still be paid."""

    def unfinished(self) -> Self:
        """Those that may still be paid, or are not yet confirmed to be closed."""
        return self.filter(state__in=Payment.UNFINISHED)


class Payment(PrimaryModel):
    """One attempt at one platform. The row is committed before the platform is called."""

    class State(models.TextChoices):
        CREATED = "created", _("created")
        OPEN = "open", _("open at the platform")
        CLOSING = "closing", _("closing")
        CLOSED = "closed", _("closed")
        FAILED = "failed", _("failed")
        PAID = "paid", _("paid")

    UNFINISHED = (State.CREATED, State.OPEN, State.CLOSING)
    TRANSITIONS: dict[str, frozenset[str]] = {
        State.CREATED: frozenset({State.OPEN, State.PAID, State.FAILED, State.CLOSING}),
        State.OPEN: frozenset({State.PAID, State.CLOSING}),
        State.CLOSING: frozenset({State.CLOSED, State.PAID, State.FAILED}),
        State.CLOSED: frozenset({State.PAID}),
        State.FAILED: frozenset({State.PAID, State.CLOSING}),
        State.PAID: frozenset(),
    }

    # The constraints' indexes serve both foreign keys.
    order = PrimaryForeignKey(
        Order, models.PROTECT, related_name="payments", db_index=False, verbose_name=_("order")
    )
    account = PrimaryForeignKey(
        WalletAccount,
        models.PROTECT,
        related_name="payments",
        db_index=False,
        verbose_name=_("wallet account"),
    )
    wallet = ExactCharField(_("wallet"), max_length=20)
    product = models.CharField(_("product"), max_length=20)
    # Unique by constraint: unique=True would have PostgreSQL keep a second index, for LIKE, that nothing uses.
    out_trade_no = ExactCharField(
        _("our number (out_trade_no)"), max_length=32, default=new_out_trade_no, editable=False
    )
    attempt = models.PositiveIntegerField(
        null=True,
        editable=False,
        help_text="its place among the order's attempts, from which its number follows",
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CREATED)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    payer_id = ExactCharField(_("payer"), max_length=128, blank=True)
    request = models.JSONField(default=dict, blank=True, editable=False)
    prepay = models.JSONField(default=dict, blank=True, editable=False)
    prepay_expires_at = MomentField(null=True, blank=True, editable=False)
    expires_at = MomentField(_("expires"))
    created_at = MomentField(_("created"), default=clock.now, editable=False)
    queried_at = MomentField(_("last queried"), null=True, blank=True, editable=False)
    query_count = models.PositiveIntegerField(default=0, editable=False)
    next_query_at = MomentField(_("next query"), null=True, blank=True, editable=False)
    failing_since = MomentField(
        null=True, editable=False, help_text="when the platform's answers began to be missing or unusable"
    )
    trade_no = ExactCharField(_("platform's transaction number"), max_length=64, blank=True)
    paid_at = MomentField(_("paid at"), null=True, blank=True)
    paid_amount = models.BigIntegerField(_("paid amount"), null=True, blank=True)
    paid_currency = models.CharField(_("paid currency"), max_length=3, blank=True)
    refunded_amount = models.BigIntegerField(_("refunded amount"), default=0)
    reserved_amount = models.BigIntegerField(_("reserved for refunds"), default=0)
    buyer = models.CharField(_("buyer"), max_length=100, blank=True)
    is_applied = models.BooleanField(_("applied to the order"), default=False)
    is_unapplied = models.BooleanField(_("unapplied"), default=False)
    is_applied_or_null = true_or_null(Q(is_applied=True))
    has_trade_no_or_null = true_or_null(~Q(trade_no=""))

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "is_applied_or_null"], name="scanforpay_one_applied_payment"
            ),
            models.UniqueConstraint(fields=["order", "attempt"], name="scanforpay_attempt_once"),
            models.UniqueConstraint(fields=["out_trade_no"], name="scanforpay_out_trade_no_once"),
            models.UniqueConstraint(
                fields=["account", "trade_no", "has_trade_no_or_null"], name="scanforpay_trade_no_once"
            ),
            models.CheckConstraint(
                condition=Q(refunded_amount=0, reserved_amount=0)
                | Q(
                    refunded_amount__gte=0,
                    reserved_amount__gte=0,
                    paid_amount__gte=F("refunded_amount") + F("reserved_amount"),
                ),
                name="scanforpay_payment_refunds",
            ),
        ]
        indexes = [
            # what the platform is to be asked about
            PartialIndex(
                fields=["next_query_at"],
                mysql_fields=["state", "next_query_at"],
                condition=Q(state__in=["created", "open", "closing"]),
                name="scanforpay_payment_due",
            ),
            # what may have expired without an answer
            PartialIndex(
                fields=["expires_at"],
                mysql_fields=["state", "expires_at"],
                condition=Q(state__in=["created", "open", "closing"]),
                name="scanforpay_payment_expiry",
            ),
            # staff have the platform's number without the account, which leads the constraint above
            models.Index(
                fields=["trade_no"], condition=Q(trade_no__gt=""), name="scanforpay_payment_trade_no"
            ),
            # the few that staff have to refund, newest first, among millions
            PartialIndex(
                fields=["id"],
                mysql_fields=["is_unapplied", "id"],
                condition=Q(is_unapplied=True),
                name="scanforpay_payment_unapplied",
            ),
        ]

    def __str__(self) -> str:
        return self.out_trade_no

    def is_unfinished(self) -> bool:
        """Whether it may still be paid, or is not yet confirmed to be closed."""
        return self.state in self.UNFINISHED

    def prepay_is_live(self) -> bool:
        """Whether the cached prepay data may still be shown (a minute is left)."""
        return self.prepay_expires_at is not None and self.prepay_expires_at > clock.now() + timedelta(
            minutes=1
        )


class OAuthState(PrimaryModel):
    """A customer's sign-in at a platform: bound to an order and a browser, single use.

    ``key`` is what the platform sends back as ``state``. After the exchange the row holds the payer for this
    browser and order.
    """

    # Unique by constraint: see Payment.out_trade_no.
    key = ExactCharField(max_length=32, default=new_state_key, editable=False)
    # the index of the browser serves
    order = PrimaryForeignKey(Order, models.CASCADE, related_name="oauth_states", db_index=False)
    account = PrimaryForeignKey(WalletAccount, models.CASCADE, related_name="+")
    token = ExactCharField(max_length=22)
    browser = ExactCharField(max_length=64)
    created_at = MomentField(default=clock.now)
    used_at = MomentField(null=True)
    payer_id = ExactCharField(max_length=128, blank=True)
    payer_kind = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="scanforpay_oauth_key_once")]
        indexes = [
            # the payer that this browser has signed in as
            models.Index(fields=["order", "browser"], name="scanforpay_oauth_browser")
        ]

    def __str__(self) -> str:
        return f"sign-in for order {self.order_id}"
