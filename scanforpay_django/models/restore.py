"""After a restore: what the copy of the database may not know, and which orders were asked about since."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.fields import MomentField
from scanforpay_django.models.order import Order
from scanforpay_django.primary import (
    PrimaryForeignKey,
    PrimaryModel,
    PrimaryOneToOneField,
    PrimaryQuerySet,
)


def host_second() -> datetime:
    """Now, by the hosts' clock, without what a second has beyond it: most merchants' moments have no more."""
    return clock.host_now().replace(microsecond=0)


class RestoreMarkQuerySet(PrimaryQuerySet["RestoreMark"]):
    """Marks, the newest first."""

    def newest(self) -> "RestoreMark | None":
        """The last restore, None where the database never was restored."""
        return self.order_by("-at", "-pk").first()

    def unended(self) -> Self:
        """Those whose recovery is under way, the newest first."""
        return self.filter(backup_from__isnull=False, ended_at=None).order_by("-at", "-pk")

    def under_way(self) -> "RestoreMark | None":
        """The restore whose recovery has not ended; None when nothing is being recovered."""
        return self.unended().first()


class RestoreMark(PrimaryModel):
    """The database was restored from a copy. Platforms may know attempts on its orders that the copy does not.

    A recovery (``manage.py scanforpay_recover``) begins with one, and is under way until the platforms' bills of the
    time between have been compared.
    """

    at = MomentField(_("restored at"), default=clock.now)
    backup_from = MomentField(
        _("copy from"),
        null=True,
        blank=True,
        help_text=_("When the copy was made. Empty: no recovery was begun."),
    )
    # by the hosts' clock, which merchants have too, wherever the sandbox has put ours
    host_at = MomentField(null=True, default=host_second, editable=False)
    asked_at = MomentField(
        _("asked at"), null=True, blank=True, help_text=_("When all open orders had been asked about.")
    )
    # the payments up to this key were asked about for refunds that the copy does not know
    refunds_asked_to = models.BigIntegerField(default=0, editable=False)
    ended_at = MomentField(
        _("ended at"), null=True, blank=True, help_text=_("When all bills of the time between were compared.")
    )

    objects = RestoreMarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("restore")
        verbose_name_plural = _("restores")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"

    def is_under_way(self) -> bool:
        """Whether orders may still be missing that only the platforms know of."""
        return self.backup_from is not None and self.ended_at is None

    def concerns(self, order: Order) -> bool:
        """Whether platforms may know attempts on ``order`` that are not here: it is of the copy, or its merchant may
        have asked for it anew after it was lost.
        """
        return order.created_at <= self.at or self.is_under_way()

    def unasked_orders(self) -> "models.QuerySet[Order]":
        """Orders of the copy that may have an attempt it does not know: none begins once an order is paid or over."""
        asked = AskedOrder.objects.filter(mark=self, order=OuterRef("pk"))
        may_have = Q(state=Order.State.PENDING)
        return Order.objects.filter(may_have, ~Exists(asked), created_at__lte=self.at)


class AskedOrderQuerySet(PrimaryQuerySet["AskedOrder"]):
    """Orders that were asked about after a restore."""

    def of_order(self, mark: RestoreMark, order: Order) -> Self:
        """The row of one order, if it was asked about since ``mark``."""
        return self.filter(mark=mark, order=order)


class AskedOrder(PrimaryModel):
    """An order whose platforms were asked for lost attempts since a restore."""

    mark = PrimaryForeignKey(RestoreMark, models.CASCADE, related_name="+")
    order = PrimaryForeignKey(Order, models.CASCADE, related_name="+", db_index=False)
    at = MomentField(default=clock.now)

    objects = AskedOrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "mark"], name="scanforpay_order_asked_once"),
        ]

    def __str__(self) -> str:
        return f"order {self.order_id}"


class RebuiltOrder(PrimaryModel):
    """An order that was lost, and made again from what a platform said of its payment."""

    class Source(models.TextChoices):
        NOTIFICATION = "notification", _("platform's notification")
        QUERY = "query", _("platform's answer")
        BILL = "bill", _("platform's bill")

    order = PrimaryOneToOneField(Order, models.CASCADE, related_name="rebuilt", verbose_name=_("order"))
    source = models.CharField(_("rebuilt from"), max_length=20, choices=Source)
    at = MomentField(_("rebuilt at"), default=clock.now)
    completed_at = MomentField(
        _("completed at"),
        null=True,
        blank=True,
        help_text=_("When its merchant sent the same order again: until then its notify address is missing."),
    )

    class Meta:
        verbose_name = _("rebuilt order")
        verbose_name_plural = _("rebuilt orders")

    def __str__(self) -> str:
        return f"order {self.order_id} from a {self.get_source_display()}"
