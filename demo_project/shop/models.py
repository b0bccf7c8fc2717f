"""What the toy shop remembers of its sales."""

from django.db import models
from django.utils import timezone


class Sale(models.Model):
    """One sale, as a merchant's own database has it."""

    number = models.CharField(max_length=32, unique=True)
    title = models.CharField(max_length=100)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3, default="CNY")
    wallet = models.CharField(max_length=10, blank=True)
    pay_url = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    paid_at = models.DateTimeField(null=True)
    times_told = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.number
