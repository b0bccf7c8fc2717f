"""Numbers of orders that were moved to an archive file: none of them is used for something else."""

from django.db import models

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.models.merchant import Partner
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel, PrimaryQuerySet


class ArchivedNumberQuerySet(PrimaryQuerySet["ArchivedNumber"]):
    """Archived numbers by what they were for."""

    def find_refund(self, partner_id: int, refund_no: str) -> "ArchivedNumber | None":
        """The merchant's refund number, if an archived refund has it."""
        return self.filter(partner=partner_id, kind=ArchivedNumber.Kind.REFUND, number=refund_no).first()

    def find_payment(self, partner_id: int, out_trade_no: str) -> "ArchivedNumber | None":
        """Our number at a platform, if an archived payment has it."""
        return self.filter(partner=partner_id, kind=ArchivedNumber.Kind.PAYMENT, number=out_trade_no).first()


class ArchivedNumber(PrimaryModel):
    """One number of an order that is in an archive file. It goes when the order is imported again."""

    class Kind(models.TextChoices):
        # the merchant's order number: the customer would pay a second time
        ORDER = "order"
        # the merchant's refund number: our number at the platform follows from it, and would be the old refund's
        REFUND = "refund"
        # our number of a payment: a platform may still send something about it
        PAYMENT = "payment"

    partner = PrimaryForeignKey(Partner, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    number = ExactCharField(max_length=32)
    order_no = ExactCharField(max_length=32)
    # the archive's name, without its folder
    file_name = models.CharField(max_length=255)
    archived_at = MomentField(default=clock.now)
    noticed_at = MomentField(
        null=True, db_index=True, help_text="when a platform last sent something about it"
    )

    objects = ArchivedNumberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "kind", "number"], name="scanforpay_archived_once")
        ]
        indexes = [
            # an order's numbers, when it is imported again. Not db_index=True, which would have PostgreSQL keep a
            # second index, for LIKE: each order has three rows here
            models.Index(fields=["order_no"], name="scanforpay_archived_order")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} of order {self.order_no} in {self.file_name}"

    def record_notice(self) -> None:
        """A platform has sent something about it: the audit reports it until the order is imported."""
        type(self).objects.filter(pk=self.pk).update(noticed_at=clock.now())
