"""Partners, their sign keys and their stores."""

import ipaddress
import secrets
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.debug import sensitive_variables

from scanforpay_django import clock
from scanforpay_django.encryption import decrypt, encrypt
from scanforpay_django.exceptions import SecretUnreadable
from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.models.change_signals import SignallingQuerySet
from scanforpay_django.money import EXPONENTS
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel

#: a sign key that is shorter is pasted, and easier to guess without its end
MIN_LENGTH_TO_SHOW = 16

number_validator = RegexValidator(r"\A[0-9A-Za-z_-]+\Z", _("Only letters, digits, - and _."))


def check_networks(text: str) -> None:
    """Every word is an IP address or a network. Raises ValidationError."""
    for word in text.replace(",", " ").split():
        try:
            ipaddress.ip_network(word, strict=False)
        except ValueError as error:
            raise ValidationError(
                _("%(word)s is not a valid IP address or network."), params={"word": word}
            ) from error


def check_currencies(text: str) -> None:
    """Every word is a currency that is known here. Raises ValidationError."""
    for word in text.upper().replace(",", " ").split():
        if word not in EXPONENTS:
            raise ValidationError(_("%(word)s is not a supported currency."), params={"word": word})


class PartnerQuerySet(SignallingQuerySet["Partner"]):
    """Partners; every change sends ``rows_changed``."""


class Partner(PrimaryModel):
    """A merchant: it holds sign keys and calls the API."""

    partner_no = ExactCharField(
        _("partner number"), max_length=15, unique=True, validators=[number_validator]
    )
    name = models.CharField(_("name"), max_length=100)
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    is_active = models.BooleanField(pgettext_lazy("partner, store or account", "active"), default=True)
    stops_payments = models.BooleanField(
        _("stop new payments"),
        default=False,
        help_text=_(
            "No order is created and no payment begun. Refunds, notifications and what is under way go on."
        ),
    )
    test_mode = models.BooleanField(
        _("test mode"),
        default=False,
        help_text=_("Error messages contain more detail than production should reveal."),
    )
    request_window_seconds = models.PositiveIntegerField(
        _("request time window"),
        null=True,
        blank=True,
        help_text=_(
            "How many seconds the caller's clock may be off. Empty: the project's setting. 0: not checked."
        ),
    )
    allow_hmac = models.BooleanField(_("may use HMAC-SHA256"), default=False)
    allowed_addresses = models.TextField(
        _("allowed addresses"),
        blank=True,
        validators=[check_networks],
        help_text=_("IP addresses and networks the partner may call from, e.g. 203.0.113.0/24. Empty: any."),
    )
    calls_per_minute = models.PositiveIntegerField(
        _("calls per minute"),
        null=True,
        blank=True,
        help_text=_("Empty: the project's setting. 0: no limit."),
    )
    currencies = models.CharField(
        _("currencies"),
        max_length=100,
        blank=True,
        validators=[check_currencies],
        help_text=_(
            "ISO 4217 codes, separated by spaces, that orders may have. Empty: all that the accounts collect."
        ),
    )
    accepted_is_refunded = models.BooleanField(
        _("an accepted refund counts as refunded"),
        default=False,
        help_text=_("For shops that take “in progress” for a failure and refund again."),
    )
    notify_refunds = models.BooleanField(
        _("wants refund notifications"),
        default=False,
        help_text=_("Only for shops that read the notification: some complete an order on any message."),
    )
    created_at = MomentField(_("created"), default=clock.now, editable=False)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ["partner_no"]

    def __str__(self) -> str:
        return f"{self.partner_no} {self.name}"

    def currency_list(self) -> tuple[str, ...]:
        """The currencies its orders may have; none: all."""
        return tuple(self.currencies.upper().replace(",", " ").split())


class SignKeyQuerySet(SignallingQuerySet["SignKey"]):
    """Sign keys, and which of them may sign."""

    def not_ended(self) -> "SignKeyQuerySet":
        """Keys that may sign now or later, newest first."""
        left = self.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=clock.now()))
        return left.order_by("-valid_from", "-pk")

    def valid(self) -> "SignKeyQuerySet":
        """Keys that may sign now, newest first."""
        return self.not_ended().filter(valid_from__lte=clock.now())

    def touch(self, now: datetime) -> None:
        """Note when a key was last used: no change that anybody has to hear of."""
        models.QuerySet.update(self, last_used_at=now)


class SignKey(PrimaryModel):
    """A secret shared with a partner. Several may be valid at once, so that keys rotate without a refused call."""

    partner = PrimaryForeignKey(Partner, models.PROTECT, related_name="sign_keys", verbose_name=_("partner"))
    name = models.CharField(_("name"), max_length=50, blank=True)
    secret_ciphertext = models.TextField(editable=False)
    valid_from = MomentField(_("valid from"), default=clock.now)
    valid_until = MomentField(_("valid until"), null=True, blank=True)
    last_used_at = MomentField(_("last used"), null=True, blank=True, editable=False)
    created_at = MomentField(_("created"), default=clock.now, editable=False)

    objects = SignKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign key")
        verbose_name_plural = _("sign keys")
        ordering = ["-valid_from"]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"

    @staticmethod
    def generate() -> str:
        """A new secret of 256 bits, 43 characters."""
        return secrets.token_urlsafe(32)

    @sensitive_variables()
    def set_secret(self, secret: str) -> None:
        """Store ``secret`` encrypted. An empty one is refused: it would verify anything."""
        if not secret:
            raise ValueError("a sign key may not be empty")
        self.secret_ciphertext = encrypt(secret)

    @sensitive_variables()
    def secret(self) -> str:
        """The secret itself. Raises SecretUnreadable."""
        return decrypt(self.secret_ciphertext)

    @property
    @sensitive_variables()
    def last_four(self) -> str:
        """The secret's last four characters, for people to tell keys apart; "" where they would give too much away."""
        try:
            secret = self.secret()
        except SecretUnreadable:
            return ""
        return secret[-4:] if len(secret) >= MIN_LENGTH_TO_SHOW else ""

    def is_valid_at(self, moment: datetime) -> bool:
        """Whether it may sign then."""
        return self.valid_from <= moment and (self.valid_until is None or moment < self.valid_until)
