"""The credentials with which a store collects through a wallet."""

import json
import secrets
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.debug import sensitive_variables

from scanforpay_django import clock, conf
from scanforpay_django.encryption import decrypt, encrypt
from scanforpay_django.fields import ExactCharField, MomentField, true_or_null
from scanforpay_django.models.certificate_ends import find_end
from scanforpay_django.models.change_signals import SignallingQuerySet
from scanforpay_django.models.store import Store
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel


def new_public_id() -> str:
    """22 random characters that name an account on its notify path."""
    return secrets.token_urlsafe(16)


class WalletAccountQuerySet(SignallingQuerySet["WalletAccount"]):
    """Wallet accounts; every change sends ``rows_changed``."""


class WalletAccount(PrimaryModel):
    """One store's account at one wallet's platform. Secrets are encrypted; hosts come from settings."""

    class Environment(models.TextChoices):
        PRODUCTION = conf.PRODUCTION, _("production")
        PLATFORM_SANDBOX = conf.PLATFORM_SANDBOX, _("the platform's sandbox")
        LOCAL_SANDBOX = conf.LOCAL_SANDBOX, _("the sandbox on this machine")

    store = PrimaryForeignKey(
        Store,
        models.PROTECT,
        related_name="wallet_accounts",
        verbose_name=_("store"),
        # the constraint's index serves
        db_index=False,
    )
    wallet = ExactCharField(_("wallet"), max_length=20)
    name = models.CharField(_("name"), max_length=50, blank=True)
    environment = models.CharField(
        _("environment"), max_length=20, choices=Environment, default=Environment.PRODUCTION
    )
    is_active = models.BooleanField(pgettext_lazy("partner, store or account", "active"), default=True)
    stops_payments = models.BooleanField(
        _("stop new payments"),
        default=False,
        help_text=_(
            "No order is created and no payment begun. Refunds, notifications and what is under way go on."
        ),
    )
    currencies = models.CharField(
        _("currencies"), max_length=100, default="CNY", help_text=_("ISO 4217 codes, separated by spaces.")
    )
    grants = models.CharField(
        _("granted products"),
        max_length=200,
        blank=True,
        help_text=_(
            "What the platform has granted this account, separated by spaces. Empty: the usual ones."
        ),
    )
    fee_rate: Any = models.DecimalField(
        _("agreed fee rate"),
        max_digits=6,
        decimal_places=5,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(Decimal("0.5"))],
        help_text=_(
            "The part of each payment that the platform keeps, such as 0.006 for 0.6 %. Empty: not agreed, and no "
            "fee is expected. Payments that are booked already keep theirs."
        ),
    )
    owns_merchant_number = models.BooleanField(
        _("no other system uses the merchant number"),
        default=False,
        db_default=False,
        help_text=_(
            "Payments of the platform's bill that are not known here are then differences. Otherwise they are counted "
            "as other systems' own."
        ),
    )
    public_id = ExactCharField(max_length=22, unique=True, default=new_public_id, editable=False)
    config = models.JSONField(_("configuration"), default=dict, blank=True)
    secrets_ciphertext = models.TextField(blank=True, editable=False)
    certificates_end_at = MomentField(_("certificates end"), null=True, blank=True, editable=False)
    created_at = MomentField(_("created"), default=clock.now, editable=False)
    updated_at = MomentField(_("changed"), auto_now=True)
    is_active_or_null = true_or_null(Q(is_active=True))

    objects = WalletAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("wallet account")
        verbose_name_plural = _("wallet accounts")
        ordering = ["store", "wallet"]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "wallet", "is_active_or_null"],
                name="scanforpay_one_active_account",
                violation_error_message=_("This store has an active account for this wallet already."),
            )
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Note when the certificates end, so that staff hear of it ahead."""
        self.certificates_end_at = find_end(self.config)
        fields = kwargs.get("update_fields")
        if fields is not None and "config" in fields:
            kwargs["update_fields"] = {*fields, "certificates_end_at"}
        super().save(*args, **kwargs)

    def takes_payments(self) -> bool:
        """Whether new payments are stopped neither for the account nor for its store or partner."""
        store = self.store
        return not (self.stops_payments or store.stops_payments or store.partner.stops_payments)

    def __str__(self) -> str:
        return f"{self.wallet} · {self.name or self.store.store_no}"

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Also in a form that does not show all of these fields: there the constraint would not be checked."""
        checked = {"store", "wallet", "is_active", "is_active_or_null"}
        super().validate_constraints(exclude=set(exclude or ()) - checked)

    @sensitive_variables()
    def set_secrets(self, values: Mapping[str, str]) -> None:
        """Store the secret credentials, encrypted."""
        self.secrets_ciphertext = encrypt(json.dumps(dict(values)))

    @sensitive_variables()
    def secrets(self) -> dict[str, str]:
        """The secret credentials by name. Raises SecretUnreadable."""
        return dict(json.loads(decrypt(self.secrets_ciphertext))) if self.secrets_ciphertext else {}

    def currency_list(self) -> tuple[str, ...]:
        """The currencies this account collects."""
        return tuple(self.currencies.upper().replace(",", " ").split())
