"""Counter codes: one printed QR code for each till, where the customer types the amount or finds it set by the till."""

import secrets

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.models.merchant import number_validator
from scanforpay_django.models.order import Order
from scanforpay_django.models.store import Store
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel, PrimaryOneToOneField


def new_counter_token() -> str:
    """22 characters, 128 random bits: what the printed code leads to."""
    return secrets.token_urlsafe(16)


class CounterCode(PrimaryModel):
    """The printed code of a till. Who scans it makes an order of the store and pays it."""

    store = PrimaryForeignKey(
        Store, models.PROTECT, related_name="counter_codes", db_index=False, verbose_name=_("store")
    )
    number = ExactCharField(
        _("number"),
        max_length=20,
        validators=[number_validator],
        help_text=_("What the till calls it, e.g. till-1. Unique in the store."),
    )
    name = models.CharField(
        _("name"), max_length=40, blank=True, help_text=_("Printed on the card, e.g. Till 1.")
    )
    title = models.CharField(
        _("title"),
        max_length=100,
        blank=True,
        help_text=_("What the customer pays for. Empty: the store's name."),
    )
    currency = models.CharField(
        _("currency"), max_length=3, blank=True, help_text=_("Empty: the store's own.")
    )
    notify_url = models.CharField(
        _("notify address"),
        max_length=200,
        blank=True,
        help_text=_(
            "Where the merchant is notified of payments. Empty: nowhere, the till's page shows them."
        ),
    )
    unpaid_per_hour = models.PositiveIntegerField(
        _("unpaid orders per hour"),
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
        help_text=_("After so many unpaid ones the code takes no more amounts for a while."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    token = ExactCharField(max_length=22, default=new_counter_token, editable=False)
    created_at = MomentField(_("created"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("counter code")
        verbose_name_plural = _("counter codes")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["store", "number"], name="scanforpay_counter_once"),
            models.UniqueConstraint(fields=["token"], name="scanforpay_counter_token"),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.number} ({self.store})"

    @property
    def paid_in(self) -> str:
        """ISO 4217: its own currency, or its store's."""
        return self.currency or self.store.currency


class CounterSale(PrimaryModel):
    """An order that was made at a counter code."""

    code = PrimaryForeignKey(
        CounterCode, models.PROTECT, related_name="sales", db_index=False, verbose_name=_("counter code")
    )
    order = PrimaryOneToOneField(Order, models.PROTECT, related_name="counter_sale", verbose_name=_("order"))
    # its amount was set by the till; else a customer typed it, whose own it is
    is_set_by_till = models.BooleanField(default=False, editable=False)
    # customers who scan the code find it
    is_shown = models.BooleanField(default=False, editable=False)
    created_at = MomentField(_("created"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("counter sale")
        verbose_name_plural = _("counter sales")
        ordering = ["-pk"]
        indexes = [
            # a till's newest sales, and how many of the last hour are unpaid
            models.Index(fields=["code", "-created_at"], name="scanforpay_counter_sales")
        ]

    def __str__(self) -> str:
        return str(self.order)
