"""Hosts whose clocks differ from the database's, as their workers found: staff see what no log would tell them."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.models.moments import database_now
from scanforpay_django.primary import PrimaryModel, PrimaryQuerySet

#: a host looks once a minute; one that has not for so long has been set right elsewhere, or is gone
SEEN = timedelta(minutes=5)
FORGET = timedelta(days=1)


class HostClockQuerySet(PrimaryQuerySet["HostClock"]):
    """Clocks that are wrong."""

    def record(self, host: str, skew_seconds: int) -> None:
        """This host has looked just now, and its clock is wrong."""
        found = {"skew_seconds": skew_seconds, "at": database_now()}
        if not self.filter(host=host).update(**found):
            self.update_or_create(host=host, defaults=found)

    def forget(self, host: str) -> None:
        """Its clock is right; and what was last seen long ago says nothing."""
        self.filter(models.Q(host=host) | models.Q(at__lt=database_now() - FORGET)).delete()

    def wrong_now(self) -> Self:
        """Those that were seen lately."""
        return self.filter(at__gte=database_now() - SEEN)


class HostClock(PrimaryModel):
    """One host whose clock is wrong: it expires and closes no order meanwhile."""

    host = ExactCharField(_("host"), max_length=200, unique=True)
    # positive: ahead of the database
    skew_seconds = models.IntegerField(_("seconds ahead"))
    at = MomentField(_("seen at"))

    objects = HostClockQuerySet.as_manager()

    class Meta:
        verbose_name = _("host clock")
        verbose_name_plural = _("host clocks")

    def __str__(self) -> str:
        return f"{self.host}: {self.skew_seconds:+d} s"
