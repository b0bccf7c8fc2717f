"""How platforms answered, minute by minute, for staff who ask whether a platform is down."""

from django.db import models

from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.primary import PrimaryModel

MAX_HOST_LENGTH, MAX_ERROR_LENGTH = 200, 200


class PlatformMinute(PrimaryModel):
    """One minute of one process's calls to one host: each process has rows of its own, so that none waits for another.

    Housekeeping deletes them after eight days.
    """

    minute = MomentField()
    # as in SCANFORPAY_WALLETS
    wallet = ExactCharField(max_length=20)
    host = ExactCharField(max_length=MAX_HOST_LENGTH)
    calls = models.PositiveIntegerField(default=0)
    # of the calls: no answer, or one that says that the platform itself has failed; refusals are none
    errors = models.PositiveIntegerField(default=0)
    # bucket of seconds -> how many; operations.figures.durations knows the buckets
    durations = models.JSONField(default=dict)
    last_error = models.CharField(max_length=MAX_ERROR_LENGTH, blank=True)
    last_error_at = MomentField(null=True)

    class Meta:
        indexes = [
            # the last hour of all; the oldest are deleted by it too
            models.Index(fields=["minute"], name="scanforpay_platform_minute")
        ]

    def __str__(self) -> str:
        return f"{self.wallet} {self.host} {self.minute:%Y-%m-%d %H:%M}"
