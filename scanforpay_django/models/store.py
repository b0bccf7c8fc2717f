"""Stores: where a partner sells, and what holds for its orders."""

import zoneinfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from scanforpay_django import clock, conf
from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.models.branding import Logo, check_color
from scanforpay_django.models.change_signals import SignallingQuerySet
from scanforpay_django.models.merchant import Partner, number_validator
from scanforpay_django.money import EXPONENTS
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel


def check_timezone(name: str) -> None:
    """The name of a time zone that this machine knows. Raises ValidationError."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValidationError(
            _("%(name)s is not the name of a time zone, e.g. Asia/Shanghai."), params={"name": name}
        ) from error


class StoreQuerySet(SignallingQuerySet["Store"]):
    """Stores; every change sends ``rows_changed``."""


class Store(PrimaryModel):
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

    partner = PrimaryForeignKey(Partner, models.PROTECT, related_name="stores", verbose_name=_("partner"))
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
    logo = PrimaryForeignKey(
        Logo, models.PROTECT, related_name="stores", null=True, blank=True, verbose_name=_("logo")
    )
    is_active = models.BooleanField(pgettext_lazy("partner, store or account", "active"), default=True)
    stops_payments = models.BooleanField(
        _("stop new payments"),
        default=False,
        help_text=_(
            "No order is created and no payment begun. Refunds, notifications and what is under way go on."
        ),
    )
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
    timezone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        validators=[check_timezone],
        help_text=_(
            "By which the store's days begin and staff read times, e.g. Asia/Hong_Kong. Empty: the project's "
            "TIME_ZONE."
        ),
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
    refund_limit = models.BigIntegerField(
        _("refund limit of staff"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_(
            "What staff may refund of one order in all, in minor units of the store's currency: 10000 is 100.00 in "
            "CNY. More takes the permission to refund above the limit. Empty: no limit."
        ),
    )
    created_at = MomentField(_("created"), default=clock.now, editable=False)

    objects = StoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("store")
        verbose_name_plural = _("stores")
        permissions = [("stop_payments", _("Can stop new payments"))]
        ordering = ["store_no"]

    def __str__(self) -> str:
        return f"{self.store_no} {self.name}"

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone of its days; the project's where it names none, or one that this machine does not know."""
        try:
            return zoneinfo.ZoneInfo(self.timezone or settings.TIME_ZONE)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            return zoneinfo.ZoneInfo(settings.TIME_ZONE)

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
