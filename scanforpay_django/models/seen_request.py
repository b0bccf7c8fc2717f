"""Requests that were carried out once: the same bytes again only read."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Q

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.models.merchant import Partner
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel, PrimaryQuerySet

#: where a partner's requests are taken whatever their time is
KEPT_WITHOUT_WINDOW = timedelta(days=30)


class SeenRequestQuerySet(PrimaryQuerySet["SeenRequest"]):
    """Digests, and which of them are of no use any more."""

    def mark(self, partner_id: int, digest: str) -> bool:
        """Whether this is the first time. In the transaction of what the request starts, it is kept only with that."""
        return self.get_or_create(partner_id=partner_id, digest=digest)[1]

    def outdated(self, window_seconds: int) -> Self:
        """Those whose bytes are refused by now for their time. A request may be dated one window ahead of our clock and
        is taken until one window after its date. Without a window they are kept for 30 days.

        ``window_seconds`` is the project's; a partner may have its own.
        """
        now = clock.now()
        own = self.model.objects.exclude(partner__request_window_seconds=None).values_list(
            "partner__request_window_seconds", flat=True
        )
        is_outdated = Q(seen_at__lt=now - KEPT_WITHOUT_WINDOW)
        for seconds in own.distinct():
            if seconds:
                is_outdated |= Q(
                    partner__request_window_seconds=seconds, seen_at__lt=now - 2 * timedelta(seconds=seconds)
                )
        if window_seconds:
            is_outdated |= Q(
                partner__request_window_seconds=None,
                seen_at__lt=now - 2 * timedelta(seconds=window_seconds),
            )
        return self.filter(is_outdated)


class SeenRequest(PrimaryModel):
    """The digest of one signed request that moved money or closed an order."""

    partner = PrimaryForeignKey(Partner, models.CASCADE, related_name="+", db_index=False)
    # SHA-256 of the signed bytes, as hex
    digest = ExactCharField(max_length=64)
    seen_at = MomentField(default=clock.now, db_index=True)

    objects = SeenRequestQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "digest"], name="scanforpay_request_once")]

    def __str__(self) -> str:
        return self.digest[:12]
