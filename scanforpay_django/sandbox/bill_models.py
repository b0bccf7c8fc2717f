"""What makes a platform's bill special: coupons that customers pay with, and changes that tests make to a bill."""

from django.db import models

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel

MERCHANT = "scanforpay_sandbox.Merchant"


class PaidBy(models.TextChoices):
    """Who gives what a coupon takes off: that decides whether the merchant receives it."""

    PLATFORM = "platform", "the platform: the merchant receives the whole order"
    MERCHANT = "merchant", "the merchant: it receives less"


class Coupon(PrimaryModel):
    """A coupon that waits for the next payment."""

    # minor units of the payment's currency
    amount = models.BigIntegerField()
    paid_by = models.CharField(max_length=8, choices=PaidBy.choices)
    # whose payments it is for; both empty: the next one at all
    merchant = PrimaryForeignKey(MERCHANT, models.CASCADE, related_name="coupons", null=True)
    trade = PrimaryForeignKey("scanforpay_sandbox.Trade", models.CASCADE, related_name="coupons", null=True)
    # for how many payments it still is
    remaining = models.PositiveIntegerField(default=1)
    created_at = MomentField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.amount} by {self.paid_by}"


class BillEdit(PrimaryModel):
    """One change of one day's bill. The trades and refunds themselves stay as they are."""

    class Act(models.TextChoices):
        """What is done to the bill."""

        SET = "set", "another value in a line"
        DELETE = "delete", "a line is missing"
        DOUBLE = "double", "a line stands there twice"
        TOTAL = "total", "another value in the totals"
        CUT = "cut", "the file ends in the middle"
        LATE = "late", "the bill is published later than others"

    merchant = PrimaryForeignKey(MERCHANT, models.CASCADE, related_name="bill_edits")
    # trade, fund, statement or signcustomer
    kind = models.CharField(max_length=12)
    day = models.DateField()
    act = models.CharField(max_length=6, choices=Act.choices)
    # which lines: the merchant's number of the order, or of the refund; blank: every line
    number = ExactCharField(max_length=64, blank=True)
    # payment or refund; blank: lines of both
    line = models.CharField(max_length=7, blank=True)
    # a name of bill_edits.Columns, or a column or a total as the platform calls it
    field = models.CharField(max_length=40, blank=True)
    value = models.CharField(max_length=200, blank=True)
    # from when on the bill is published so; until when it is not, where the act is LATE
    published_at = MomentField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.act} {self.number}"
