"""Where an order's pay page was opened, for staff who look at the order."""

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.models.order import Order
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel, PrimaryQuerySet

MAX_CHANNEL_LENGTH = 40


class PageVisitQuerySet(PrimaryQuerySet["PageVisit"]):
    """Visits, one row for each order and channel."""

    def record(self, order: Order, channel: str) -> None:
        """Another browser has opened the order's page."""
        now, channel = clock.now(), channel[:MAX_CHANNEL_LENGTH]
        seen = self.filter(order=order, channel=channel)
        if not seen.update(times=F("times") + 1, last_at=now):
            row = PageVisit(order=order, channel=channel, opened_at=now, last_at=now)
            # Two browsers at the same moment are one row, and one of them is not counted.
            self.bulk_create([row], ignore_conflicts=True)


class PageVisit(PrimaryModel):
    """That the page was opened in one kind of browser or app: when first, when last, by how many browsers. An order has
    as many as there are channels; housekeeping deletes old ones.
    """

    order = PrimaryForeignKey(
        Order,
        models.PROTECT,
        related_name="visits",
        verbose_name=_("order"),
        # the constraint's index serves
        db_index=False,
    )
    # what wallets.channels calls it: "mobile", "desktop", an app's name
    channel = ExactCharField(_("opened in"), max_length=MAX_CHANNEL_LENGTH)
    opened_at = MomentField(_("opened at"), default=clock.now, editable=False)
    last_at = MomentField(_("last opened at"), default=clock.now, editable=False)
    times = models.PositiveIntegerField(_("browsers"), default=1)

    objects = PageVisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("page visit")
        verbose_name_plural = _("page visits")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["order", "channel"], name="scanforpay_visit_channel_once")
        ]

    def __str__(self) -> str:
        return self.channel
