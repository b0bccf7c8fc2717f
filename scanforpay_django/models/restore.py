"""After a restore: what the copy of the database may not know, and which orders were asked about since."""

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.fields import MomentField
from scanforpay_django.models.order import Order
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel, PrimaryQuerySet


class RestoreMarkQuerySet(PrimaryQuerySet["RestoreMark"]):
    """Marks, the newest first."""

    def newest(self) -> "RestoreMark | None":
        """The last restore, None where the database never was restored."""
        return self.order_by("-at", "-pk").first()


class RestoreMark(PrimaryModel):
    """The database was restored from a copy. Platforms may know attempts on its orders that the copy does not."""

    at = MomentField(_("restored at"), default=clock.now)

    objects = RestoreMarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("restore")
        verbose_name_plural = _("restores")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"

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
