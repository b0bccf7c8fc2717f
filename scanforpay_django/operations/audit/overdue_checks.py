"""What stands still: unfinished rows past their platform's time, and verified messages that were not applied."""

from datetime import timedelta

from django.db.models import F, Q

from scanforpay_django import clock
from scanforpay_django.flows.overdue import overdue_payments, overdue_refunds
from scanforpay_django.models import Flag, HandlerCall, Payment, PlatformNotification, Refund
from scanforpay_django.models.platform_notification import (
    INCOMPLETE_OUTCOME,
    REFUSED_OUTCOME,
    UNKNOWN_OUTCOME,
)
from scanforpay_django.operations.audit.check import Check, Rows
from scanforpay_django.wallets.registry import wallet_classes

_WAITING_OUTCOMES = ("", UNKNOWN_OUTCOME, INCOMPLETE_OUTCOME)
#: flags about what does not go on by itself
STANDS_STILL = (
    Flag.Kind.REFUND_STUCK,
    Flag.Kind.REFUND_OVERDUE,
    Flag.Kind.REFUND_SUM,
    Flag.Kind.PAYMENT_OVERDUE,
    Flag.Kind.PAYMENT_INCOMPLETE,
    Flag.Kind.MESSAGE_REFUSED,
)
#: in that time a payment that was not known yet is found by a query
MAX_WAIT = timedelta(hours=1)


def _not_applied(rows: Rows) -> Rows:
    waits = rows.filter(outcome__in=_WAITING_OUTCOMES, received_at__lte=clock.now() - MAX_WAIT)
    found: Rows = waits | rows.filter(outcome=REFUSED_OUTCOME)
    return found


def _returned_but_called_paid(rows: Rows) -> Rows:
    """The platform has said that a paid trade went back, and the payment's figures do not show it."""
    kinds = Q(pk__in=[])
    for name, backend in wallet_classes().items():
        kinds |= Q(account__wallet=name, kind__in=backend.returned_kinds)
    gone = F("payment__refunded_amount") + F("payment__reserved_amount")
    found: Rows = rows.filter(kinds, payment__state=Payment.State.PAID).filter(payment__paid_amount__gt=gone)
    return found


def _handlers_waiting(rows: Rows) -> Rows:
    waits = rows.filter(state=HandlerCall.State.PENDING, next_at__lte=clock.now() - MAX_WAIT)
    found: Rows = waits | rows.filter(state=HandlerCall.State.EXHAUSTED)
    return found


OVERDUE_CHECKS = (
    Check(
        code="handler-not-called",
        invariant=0,
        text="A handler was not called, or was given up: is the worker running? See the call's last error.",
        rows=HandlerCall.objects.all(),
        find=_handlers_waiting,
    ),
    Check(
        code="flag-not-cleared",
        invariant=0,
        text="A flag waits for a person: the order's page says what to do.",
        rows=Flag.objects.all(),
        find=lambda rows: rows.filter(cleared_at=None, kind__in=STANDS_STILL),
    ),
    Check(
        code="returned-but-called-paid",
        invariant=1,
        text="The platform has said that all of the payment went back, but it is not refunded here: ask the platform "
        "from the order's page.",
        rows=PlatformNotification.objects.all(),
        find=_returned_but_called_paid,
    ),
    Check(
        code="refund-overdue",
        invariant=0,
        text="The refund has not ended in its platform's time: look at the platform's console, and at the account's "
        "certificate and keys.",
        rows=Refund.objects.all(),
        find=lambda rows: rows.filter(pk__in=overdue_refunds(clock.now())),
    ),
    Check(
        code="payment-overdue",
        invariant=5,
        text="The platform has not said whether the attempt was paid: look at the platform's console, and at the "
        "account's certificate and keys.",
        rows=Payment.objects.all(),
        find=lambda rows: rows.filter(pk__in=overdue_payments(clock.now())),
    ),
    Check(
        code="platform-message-not-applied",
        invariant=5,
        text="A verified message was not applied: its payment is not known, or a value of it cannot be right.",
        rows=PlatformNotification.objects.all(),
        find=_not_applied,
    ),
)
