"""The credentials with which a store collects through a wallet."""

import json
import secrets
from collections.abc import Collection, Mapping

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.debug import sensitive_variables

from scanforpay_django import conf
from scanforpay_django.encryption import decrypt, encrypt
from scanforpay_django.fields import ExactCharField, true_or_null
from scanforpay_django.models.change_signals import SignallingQuerySet
from scanforpay_django.models.merchant import Store


def new_public_id() -> str:
    """22 random characters that name an account on its notify path."""
    return secrets.token_urlsafe(16)


class WalletAccountQuerySet(SignallingQuerySet["WalletAccount"]):
    """Wallet accounts; every change sends ``rows_changed``."""


class WalletAccount(models.Model):
    """One store's account at one wallet's platform. Secrets are encrypted; hosts come from settings."""

    class Environment(models.TextChoices):
        PRODUCTION = conf.PRODUCTION, _("production")
        PLATFORM_SANDBOX = conf.PLATFORM_SANDBOX, _("the platform's sandbox")
        LOCAL_SANDBOX = conf.LOCAL_SANDBOX, _("the sandbox on this machine")

    store = models.ForeignKey(
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
    public_id = ExactCharField(max_length=22, unique=True, default=new_public_id, editable=False)
    config = models.JSONField(_("configuration"), default=dict, blank=True)
    secrets_ciphertext = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
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
