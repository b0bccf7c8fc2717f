"""The row."""

from django.db import models


class Delivery(models.Model):
    """One message."""

    url = models.CharField(max_length=200)
    content = models.TextField()
    key = models.CharField(max_length=60)
    state = models.CharField(max_length=10, default="pending")
    answer = models.TextField(blank=True)
