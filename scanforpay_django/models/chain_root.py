"""The end of the chain at the end of each day, signed and mailed, so that it is known outside of the database."""

from datetime import date, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.models.moments import database_now
from scanforpay_django.primary import PrimaryModel, PrimaryQuerySet


class ChainRootQuerySet(PrimaryQuerySet["ChainRoot"]):
    """Roots by their day."""

    def newest(self, up_to: date | None = None) -> "ChainRoot | None":
        """The last one, or the last up to a day."""
        rows = self.filter(day__lte=up_to) if up_to else self
        return rows.order_by("-day").first()

    def lease_for_mail(self, pk: int, seconds: float) -> bool:
        """Whether it is this caller's to mail: of several workers one does."""
        now = database_now()
        is_free = Q(mail_leased_until=None) | Q(mail_leased_until__lt=now)
        unmailed = self.filter(is_free, pk=pk, mailed_at=None)
        return bool(unmailed.update(mail_leased_until=now + timedelta(seconds=seconds)))


class ChainRoot(PrimaryModel):
    """The last link of one day, in UTC."""

    day = models.DateField(_("day"), unique=True)
    number = models.BigIntegerField(_("link"))
    mac = ExactCharField(max_length=64)
    # links since the root before
    link_count = models.BigIntegerField(_("links"))
    # under which key it is signed
    fingerprint = ExactCharField(max_length=16)
    # Ed25519, in hex: whoever has the public key can check it
    signature = ExactCharField(max_length=128)
    made_at = MomentField(default=clock.host_now)
    mail_leased_until = MomentField(null=True)
    mailed_at = MomentField(null=True)

    objects = ChainRootQuerySet.as_manager()

    class Meta:
        verbose_name = _("root of the chain")
        verbose_name_plural = _("roots of the chain")

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """As it is mailed, and as ``scanforpay_audit --root`` takes it."""
        return f"{self.number}:{self.mac}"
