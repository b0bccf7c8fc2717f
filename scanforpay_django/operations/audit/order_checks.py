"""Orders, their events and their notifications."""

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from scanforpay_django import clock
from scanforpay_django.conf import MAX_LIFETIME_SECONDS
from scanforpay_django.merchant_notify.outbox import enqueue
from scanforpay_django.models import Flag, Notification, Order, OrderEvent, Payment, Refund
from scanforpay_django.models.database import atomic
from scanforpay_django.models.locks import lock_order
from scanforpay_django.operations.audit.check import Check, Rows

_FINISHED_STATES = (Order.State.PAID, Order.State.REFUNDED)
SETTLING = Payment.objects.filter(order=OuterRef("pk"), is_applied=True)
FITTING = SETTLING.filter(
    state=Payment.State.PAID, paid_amount=OuterRef("amount"), paid_currency=OuterRef("currency")
)
OVER_REFUNDED = Flag.objects.filter(order=OuterRef("pk"), kind=Flag.Kind.OVER_REFUNDED)
PAID_NOTIFICATIONS = Notification.objects.filter(order=OuterRef("pk"), kind=Notification.Kind.PAID)
#: and a clock that is set back while the row is made
LONGEST_LIFE = timedelta(seconds=MAX_LIFETIME_SECONDS, minutes=1)
KNOWN_STEPS = [(before, after) for before, targets in Order.TRANSITIONS.items() for after in targets]


def _refunded_sum(rows: Rows) -> Rows:
    made = Refund.objects.filter(
        order=OuterRef("pk"), payment__is_applied=True, kind=Refund.Kind.ORDER, state=Refund.State.SUCCEEDED
    ).order_by()
    total = Subquery(made.values("order").annotate(total=Sum("amount")).values("total"))
    wrong = rows.annotate(total=Coalesce(total, 0)).exclude(refunded_amount=F("total"))
    found: Rows = wrong.exclude(Exists(OVER_REFUNDED))
    return found


def _without_event(rows: Rows) -> Rows:
    last = OrderEvent.objects.filter(order=OuterRef("pk")).order_by("-pk").values("to_state")[:1]
    recorded = Coalesce(Subquery(last), Value(str(Order.State.PENDING)))
    found: Rows = rows.annotate(recorded=recorded).exclude(state=F("recorded"))
    return found


def _broken_chain(rows: Rows) -> Rows:
    before = OrderEvent.objects.filter(order=OuterRef("order"), pk__lt=OuterRef("pk")).order_by("-pk")
    recorded = Coalesce(Subquery(before.values("to_state")[:1]), Value(str(Order.State.PENDING)))
    found: Rows = rows.annotate(recorded=recorded).exclude(from_state=F("recorded"))
    return found


def _unknown_step(rows: Rows) -> Rows:
    known = Q(to_state=F("from_state"))
    for before, after in KNOWN_STEPS:
        known |= Q(from_state=before, to_state=after)
    return rows.exclude(known)


def _enqueue_missing(pk: int) -> bool:
    """The message that is missing is written now: the unique constraint keeps it one.

    Goods are handed over for it: not where payment and timeline do not say the same as the order.
    """
    with atomic():
        order = lock_order(pk)
        settling = order.payments.filter(
            is_applied=True,
            state=Payment.State.PAID,
            paid_amount=order.amount,
            paid_currency=order.currency,
        ).first()
        last = order.events.order_by("-pk").first()
        if last is None or last.to_state != Order.State.PAID:
            return False
        wanted = order.state == Order.State.PAID and settling is not None and order.notify_url
        if not wanted or settling is None or order.notifications.filter(kind=Notification.Kind.PAID).exists():
            return False
        enqueue(order, buyer=settling.buyer, buyer_id=settling.payer_id)
        return True


def _date_payment(pk: int) -> bool:
    paid_at = Payment.objects.filter(order_id=pk, is_applied=True).values_list("paid_at", flat=True).first()
    undated = Order.objects.filter(pk=pk, state__in=_FINISHED_STATES, paid_at__isnull=True)
    return bool(paid_at and undated.update(paid_at=paid_at))


def _supersede(pk: int) -> bool:
    waiting = Notification.objects.filter(
        pk=pk, state=Notification.State.PENDING, kind=Notification.Kind.PAID
    )
    # Where money or the timeline say that it is paid, the order's state may be what is wrong.
    money = Payment.objects.filter(order=OuterRef("order"), is_applied=True)
    step = OrderEvent.objects.filter(order=OuterRef("order"), to_state__in=_FINISHED_STATES)
    untrue = waiting.exclude(order__state__in=_FINISHED_STATES).exclude(Exists(money)).exclude(Exists(step))
    return bool(
        Notification.objects.filter(pk__in=list(untrue.values_list("pk", flat=True))).update(
            state=Notification.State.SUPERSEDED, lease_until=None, lease_token=""
        )
    )


ORDER_CHECKS = (
    Check(
        code="paid-without-payment",
        invariant=2,
        text="The order is paid, but no payment is applied to it.",
        rows=Order.objects.all(),
        find=lambda rows: rows.filter(state__in=_FINISHED_STATES).exclude(Exists(SETTLING)),
    ),
    Check(
        code="applied-but-order-not-paid",
        invariant=2,
        text="A payment is applied to the order, but the order is not paid.",
        rows=Order.objects.all(),
        find=lambda rows: rows.exclude(state__in=_FINISHED_STATES).filter(Exists(SETTLING)),
    ),
    Check(
        code="applied-with-other-amount",
        invariant=2,
        text="The applied payment is not paid, or has another amount or currency than the order.",
        rows=Order.objects.all(),
        find=lambda rows: rows.filter(Exists(SETTLING)).exclude(Exists(FITTING)),
    ),
    Check(
        code="paid-without-date",
        invariant=2,
        text="The order is paid, but not when.",
        rows=Order.objects.all(),
        find=lambda rows: rows.filter(state__in=_FINISHED_STATES, paid_at__isnull=True),
        repair=_date_payment,
    ),
    Check(
        code="dated-but-not-paid",
        invariant=2,
        text="The order has a date of payment, but is not paid.",
        rows=Order.objects.all(),
        find=lambda rows: rows.exclude(state__in=_FINISHED_STATES).filter(paid_at__isnull=False),
    ),
    Check(
        code="order-of-other-partner",
        invariant=2,
        text="The order's store is another partner's.",
        rows=Order.objects.all(),
        find=lambda rows: rows.exclude(store__partner=F("partner")),
    ),
    Check(
        code="order-refund-figure",
        invariant=1,
        text="The order's refunded amount is not the sum of its refunds.",
        rows=Order.objects.all(),
        find=_refunded_sum,
    ),
    Check(
        code="refunded-in-part",
        invariant=1,
        text="The order is marked as refunded, but not all of it was.",
        rows=Order.objects.all(),
        find=lambda rows: rows.filter(state=Order.State.REFUNDED).exclude(refunded_amount=F("amount")),
    ),
    Check(
        code="refunded-but-called-paid",
        invariant=1,
        text="All of the order was refunded, but it is marked as paid.",
        rows=Order.objects.all(),
        find=lambda rows: rows.filter(state=Order.State.PAID, refunded_amount=F("amount")),
    ),
    Check(
        code="state-without-event",
        invariant=4,
        text="The order's state is not where its timeline ends.",
        rows=Order.objects.all(),
        find=_without_event,
    ),
    Check(
        code="event-without-state",
        invariant=4,
        text="The event begins in another state than the one before it ended in.",
        rows=OrderEvent.objects.all(),
        find=_broken_chain,
    ),
    Check(
        code="forbidden-step",
        invariant=7,
        text="The event is a step that no order may take.",
        rows=OrderEvent.objects.all(),
        find=_unknown_step,
    ),
    Check(
        code="paid-but-not-notified",
        invariant=3,
        text="The order is paid, but no notification was written.",
        rows=Order.objects.all(),
        find=lambda rows: (
            rows.filter(state=Order.State.PAID).exclude(notify_url="").exclude(Exists(PAID_NOTIFICATIONS))
        ),
        repair=_enqueue_missing,
    ),
    Check(
        code="notification-waits-but-not-paid",
        invariant=3,
        text="A notification waits that announces a payment that does not exist.",
        rows=Notification.objects.all(),
        find=lambda rows: rows.filter(kind=Notification.Kind.PAID, state=Notification.State.PENDING).exclude(
            order__state__in=_FINISHED_STATES
        ),
        repair=_supersede,
    ),
    Check(
        code="notified-but-not-paid",
        invariant=3,
        text="A notification was delivered that announces a payment that does not exist.",
        rows=Notification.objects.all(),
        find=lambda rows: rows.filter(
            kind=Notification.Kind.PAID, state=Notification.State.DELIVERED
        ).exclude(order__state__in=_FINISHED_STATES),
    ),
    Check(
        code="order-lives-too-long",
        invariant=0,
        text="The order may be paid for longer than any order lives.",
        rows=Order.objects.all(),
        find=lambda rows: rows.filter(expires_at__gt=F("created_at") + LONGEST_LIFE),
    ),
    Check(
        code="order-not-swept",
        invariant=0,
        text="The order expired a day ago and is still pending: does a worker run?",
        rows=Order.objects.all(),
        find=lambda rows: rows.filter(
            state=Order.State.PENDING, expires_at__lt=clock.now() - timedelta(days=1)
        ).exclude(Exists(Payment.objects.unfinished().filter(order=OuterRef("pk")))),
    ),
)
