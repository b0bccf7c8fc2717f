"""Rows of the views that are measured, as wide as an order of ours."""

from typing import Any

from django.db import models
from django.utils import timezone

from benchmarks.shops.peers import PEERS


class Partner(models.Model):
    """Who calls."""

    partner_no = models.CharField(max_length=15, unique=True)
    sign_key = models.CharField(max_length=64)

    objects: Any = models.Manager()


class Store(models.Model):
    """Where it sells."""

    partner = models.ForeignKey(Partner, models.PROTECT)
    store_no = models.CharField(max_length=15, unique=True)

    objects: Any = models.Manager()


class Order(models.Model):
    """What was ordered."""

    partner_no = models.CharField(max_length=15)
    store_no = models.CharField(max_length=15)
    order_no = models.CharField(max_length=32, unique=True)
    partner_order_no = models.CharField(max_length=32)
    token = models.CharField(max_length=22, unique=True)
    wallet = models.CharField(max_length=10)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    title = models.CharField(max_length=100, blank=True)
    notify_url = models.CharField(max_length=200, blank=True)
    return_url = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, default="pending")
    created_at = models.DateTimeField(default=timezone.now)

    objects: Any = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner_no", "partner_order_no"], name="shops_once")]


if "payments" in PEERS:
    from payments.models import BasePayment

    class Payment(BasePayment):
        """django-payments' row."""


if "getpaid" in PEERS:
    from getpaid.abstracts import AbstractOrder, AbstractPayment

    class GetpaidOrder(AbstractOrder):
        """django-getpaid's order."""

        partner_order_no = models.CharField(max_length=32, unique=True)
        amount = models.BigIntegerField()
        title = models.CharField(max_length=100)

    class GetpaidPayment(AbstractPayment):
        """django-getpaid's payment."""

        order = models.ForeignKey(GetpaidOrder, models.CASCADE, related_name="payments")
