"""What platforms send about orders that are archived."""

from scanforpay_django.models import ArchivedNumber
from scanforpay_django.operations.audit.check import Check

ARCHIVE_CHECKS = (
    Check(
        code="archived-but-notified",
        invariant=0,
        text=(
            "A platform has sent something about a payment that is archived: it is kept among the platforms' "
            "notifications. Import the order with scanforpay_archive --import, then ask the platform."
        ),
        rows=ArchivedNumber.objects.all(),
        find=lambda rows: rows.filter(noticed_at__isnull=False),
    ),
)
