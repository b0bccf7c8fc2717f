"""The machines that do the work: what makes them do less than they should."""

from scanforpay_django.models import HostClock
from scanforpay_django.operations.audit.check import Check

HOST_CHECKS = (
    Check(
        code="clock-wrong",
        invariant=0,
        text="The host's clock differs from the database's: it expires and closes no order. Set it (NTP).",
        rows=HostClock.objects.all(),
        find=lambda rows: rows.filter(pk__in=HostClock.objects.wrong_now().values("pk")),
    ),
)
