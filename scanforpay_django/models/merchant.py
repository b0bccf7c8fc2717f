"""Partners, their sign keys and their stores."""

import ipaddress
import secrets
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.debug import sensitive_variables

from scanforpay_django import conf
from scanforpay_django.encryption import decrypt, encrypt
from scanforpay_django.fields import ExactCharField
from scanforpay_django.models.branding import Logo, check_color
from scanforpay_django.models.change_signals import SignallingQuerySet
from scanforpay_django.money import EXPONENTS

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


class Partner(models.Model):
    """A merchant: it holds sign keys and calls the API."""

    partner_no = ExactCharField(
        _("partner number"), max_length=15, unique=True, validators=[number_validator]
    )
    name = models.CharField(_("name"), max_length=100)
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    is_active = models.BooleanField(pgettext_lazy("partner, store or account", "active"), default=True)
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
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

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
        left = self.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=timezone.now()))
        return left.order_by("-valid_from", "-pk")

    def valid(self) -> "SignKeyQuerySet":
        """Keys that may sign now, newest first."""
        return self.not_ended().filter(valid_from__lte=timezone.now())

    def touch(self, now: datetime) -> None:
        """Note when a key was last used: no change that anybody has to hear of."""
        models.QuerySet.update(self, last_used_at=now)


class SignKey(models.Model):
    """A secret shared with a partner. Several may be valid at once, so that keys rotate without a refused call."""

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="sign_keys", verbose_name=_("partner"))
    name = models.CharField(_("name"), max_length=50, blank=True)
    secret_ciphertext = models.TextField(editable=False)
    valid_from = models.DateTimeField(_("valid from"), default=timezone.now)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

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

    def is_valid_at(self, moment: datetime) -> bool:
        """Whether it may sign then."""
        return self.valid_from <= moment and (self.valid_until is None or moment < self.valid_until)


class StoreQuerySet(SignallingQuerySet["Store"]):
    """Stores; every change sends ``rows_changed``."""


class Store(models.Model):
    """Where a partner sells."""

    class ReturnMethod(models.TextChoices):
        POST = "post", _("form POST")
        GET = "get", _("GET (303)")

    class LatePayment(models.TextChoices):
        REFUND = "refund", _("refund it")
        ACCEPT = "accept", _("count it as paid")
        KEEP = "keep", _("leave it to staff")

    class DuplicatePayment(models.TextChoices):
        REFUND = "refund", _("refund it")
        KEEP = "keep", _("leave it to staff")

    class Language(models.TextChoices):
        ZH_HANS = "zh-hans", "简体中文"
        ZH_HANT = "zh-hant", "繁體中文"
        EN = "en", "English"
        JA = "ja", "日本語"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="stores", verbose_name=_("partner"))
    store_no = ExactCharField(_("store number"), max_length=15, unique=True, validators=[number_validator])
    name = models.CharField(_("name"), max_length=64)
    name_en = models.CharField(_("name in English"), max_length=64, blank=True)
    currency = models.CharField(
        _("currency"), max_length=3, default="CNY", choices=[(c, c) for c in EXPONENTS]
    )
    language = models.CharField(_("language"), max_length=10, choices=Language, default=Language.ZH_HANS)
    color = models.CharField(
        _("colour"),
        max_length=7,
        blank=True,
        validators=[check_color],
        help_text=_(
            "The shop's own on its pay pages, e.g. #8a1538. A wallet's button keeps the wallet's colour."
        ),
    )
    logo = models.ForeignKey(
        Logo, models.PROTECT, related_name="stores", null=True, blank=True, verbose_name=_("logo")
    )
    is_active = models.BooleanField(pgettext_lazy("partner, store or account", "active"), default=True)
    return_method = models.CharField(
        _("return to the shop"), max_length=4, choices=ReturnMethod, default=ReturnMethod.POST
    )
    late_payment = models.CharField(
        _("payment after closing or expiry"), max_length=6, choices=LatePayment, default=LatePayment.REFUND
    )
    duplicate_payment = models.CharField(
        _("duplicate payment of an order"),
        max_length=6,
        choices=DuplicatePayment,
        default=DuplicatePayment.REFUND,
    )
    order_lifetime_seconds = models.PositiveIntegerField(
        _("order lifetime"), null=True, blank=True, help_text=_("Seconds. Empty: the project's setting.")
    )
    acknowledge_any_2xx = models.BooleanField(
        _("any 2xx acknowledges"),
        default=False,
        help_text=_("For shops that answer a notification with an empty page instead of “success”."),
    )
    notify_max_attempts = models.PositiveSmallIntegerField(
        _("delivery attempts"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("After this many attempts a notification is given up. Empty: the project's setting."),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = StoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("store")
        verbose_name_plural = _("stores")
        ordering = ["store_no"]

    def __str__(self) -> str:
        return f"{self.store_no} {self.name}"

    def display_name(self, language: str) -> str:
        """The name a customer reads in ``language``."""
        return self.name if language.startswith("zh") or not self.name_en else self.name_en

    def clean(self) -> None:
        """Limit the lifetime: attempts need minutes, and 7 days is what every platform allows."""
        super().clean()
        if self.order_lifetime_seconds is not None:
            self.order_lifetime_seconds = min(
                max(self.order_lifetime_seconds, conf.MIN_LIFETIME_SECONDS), conf.MAX_LIFETIME_SECONDS
            )
