"""What stands still: unfinished rows past their platform's time, and verified messages that were not applied."""

from datetime import timedelta

from django.utils import timezone

from scanforpay_django.flows.overdue import overdue_payments, overdue_refunds
from scanforpay_django.models import Payment, PlatformNotification, Refund
from scanforpay_django.operations.audit.check import Check, Rows

#: outcomes of messages that the platform is to say again
NOT_APPLIED = ("", "unknown", "incomplete")
REFUSED = "refused"
#: in that time a payment that was not known yet is found by a query
MAX_WAIT = timedelta(hours=1)


def _not_applied(rows: Rows) -> Rows:
    waits = rows.filter(outcome__in=NOT_APPLIED, received_at__lte=timezone.now() - MAX_WAIT)
    found: Rows = waits | rows.filter(outcome=REFUSED)
    return found


OVERDUE_CHECKS = (
    Check(
        code="refund-overdue",
        invariant=0,
        text="The refund has not ended in its platform's time: look at the platform's console, and at the account's "
        "certificate and keys.",
        rows=Refund.objects.all(),
        find=lambda rows: rows.filter(pk__in=overdue_refunds(timezone.now())),
    ),
    Check(
        code="payment-overdue",
        invariant=5,
        text="The platform has not said whether the attempt was paid: look at the platform's console, and at the "
        "account's certificate and keys.",
        rows=Payment.objects.all(),
        find=lambda rows: rows.filter(pk__in=overdue_payments(timezone.now())),
    ),
    Check(
        code="platform-message-not-applied",
        invariant=5,
        text="A verified message was not applied: its payment is not known, or a value of it cannot be right.",
        rows=PlatformNotification.objects.all(),
        find=_not_applied,
    ),
)
