"""Payments and refunds: what arrived, what was refunded, and what is under way."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from scanforpay_django import clock
from scanforpay_django.flows.raise_flag import raise_flag
from scanforpay_django.flows.refund_unapplied import unapplied_kind
from scanforpay_django.models import Cause, Flag, Order, Payment, PlatformNotification, Refund, Source
from scanforpay_django.models.database import atomic
from scanforpay_django.models.locks import lock_order, lock_order_and_payment, lock_payment
from scanforpay_django.operations.audit.check import Check, Rows

PAID = Payment.State.PAID
_FINISHED_REFUNDS = (Order.State.PAID, Order.State.REFUNDED)
FINAL = (Refund.State.SUCCEEDED, Refund.State.FAILED)
FLAGS = {
    Refund.Kind.DUPLICATE: Flag.Kind.DUPLICATE_PAYMENT,
    Refund.Kind.LATE: Flag.Kind.LATE_PAYMENT,
    Refund.Kind.MISMATCH: Flag.Kind.AMOUNT_MISMATCH,
}


#: no step that anybody plans is further away
MAX_POLL_DELAY = timedelta(days=1)


def _sum_amounts(states: tuple[str, ...]) -> Coalesce:
    refunds = Refund.objects.filter(payment=OuterRef("pk"), state__in=states).order_by()
    return Coalesce(Subquery(refunds.values("payment").annotate(total=Sum("amount")).values("total")), 0)


def _refunded_total(rows: Rows) -> Rows:
    over = Flag.objects.filter(order=OuterRef("order"), kind=Flag.Kind.OVER_REFUNDED)
    wrong = rows.annotate(total=_sum_amounts((Refund.State.SUCCEEDED,))).exclude(refunded_amount=F("total"))
    found: Rows = wrong.exclude(Exists(over))
    return found


def _reserved(rows: Rows) -> Rows:
    found: Rows = rows.annotate(total=_sum_amounts(Refund.UNFINISHED)).exclude(reserved_amount=F("total"))
    return found


def _reserve(pk: int) -> bool:
    """What is on its way back is reserved. Never less than now: a refund's row may be what is missing."""
    with atomic():
        payment = lock_payment(pk)
        on_its_way = payment.refunds.unfinished()
        total = on_its_way.aggregate(total=Sum("amount"))["total"] or 0
        left = (payment.paid_amount or 0) - payment.refunded_amount
        fits = payment.reserved_amount < total <= left
        return fits and bool(Payment.objects.filter(pk=pk).update(reserved_amount=total))


def _unwatched(rows: Any) -> Rows:
    soon = clock.now() + MAX_POLL_DELAY
    far = Q(next_query_at__gt=soon) & Q(next_query_at__gt=F("expires_at") + MAX_POLL_DELAY)
    never = far | Q(queried_at__gt=soon) | Q(next_query_at__isnull=True)
    found: Rows = rows.unfinished().filter(never)
    return found


def _watch(pk: int) -> bool:
    unwatched = _unwatched(Payment.objects.filter(pk=pk))
    return bool(unwatched.update(next_query_at=clock.now(), queried_at=None))


def _repair_by_closing(pk: int) -> bool:
    with atomic():
        order = lock_order(Payment.objects.get(pk=pk).order_id)
        left_open = Payment.objects.filter(pk=pk, state__in=(Payment.State.CREATED, Payment.State.OPEN))
        return order.state != Order.State.PENDING and bool(
            left_open.update(state=Payment.State.CLOSING, next_query_at=clock.now())
        )


def _may_settle(order: Order) -> bool:
    """It is paid, or was, and no payment is applied: each that arrived may be the one."""
    was_paid = (
        order.state in _FINISHED_REFUNDS or order.events.filter(to_state__in=_FINISHED_REFUNDS).exists()
    )
    return was_paid and not order.payments.filter(is_applied=True).exists()


def _mark_surplus(pk: int) -> bool:
    """Refund the unapplied payment in one step."""
    with atomic():
        order = lock_order(Payment.objects.get(pk=pk).order_id)
        unmarked = Payment.objects.filter(pk=pk, state=PAID, is_applied=False, is_unapplied=False)
        return not _may_settle(order) and bool(unmarked.update(is_unapplied=True))


def _raise_missing_flag(pk: int) -> bool:
    with atomic():
        order, payment = lock_order_and_payment(Payment.objects.get(pk=pk))
        if payment.state != PAID or payment.is_applied or order.flags.exists() or _may_settle(order):
            return False
        flag = FLAGS[Refund.Kind(unapplied_kind(order, payment))]
        details = {"out_trade_no": payment.out_trade_no, "amount": payment.paid_amount}
        raise_flag(order, flag, details, Cause(source=Source.SWEEP))
        return True


def _unwatched_refunds(rows: Any) -> Rows:
    never = Q(next_at__isnull=True) | Q(next_at__gt=clock.now() + MAX_POLL_DELAY)
    found: Rows = rows.unfinished().filter(never)
    return found


def _watch_refund(pk: int) -> bool:
    """It sets out again, unless more would go back than was promised."""
    with atomic():
        payment = lock_payment(Refund.objects.get(pk=pk).payment_id)
        on_its_way = payment.refunds.unfinished()
        total = on_its_way.aggregate(total=Sum("amount"))["total"] or 0
        unwatched = _unwatched_refunds(Refund.objects.filter(pk=pk))
        return total <= payment.reserved_amount and bool(unwatched.update(next_at=clock.now()))


def _date_refund(pk: int) -> bool:
    undated = Refund.objects.filter(pk=pk, state__in=FINAL, finished_at__isnull=True)
    dated = Refund.objects.unfinished().filter(pk=pk, finished_at__isnull=False)
    return bool(undated.update(finished_at=clock.now()) or dated.update(finished_at=None))


def _of_other_kind(rows: Rows) -> Rows:
    """An ordinary refund is of the applied payment; the other kinds say why theirs was not applied."""
    fits = Q(payment__paid_amount=F("order__amount"), payment__paid_currency=F("order__currency"))
    known = Q(payment__is_applied=True, kind=Refund.Kind.ORDER)
    known |= Q(payment__is_applied=False) & fits & Q(kind__in=(Refund.Kind.DUPLICATE, Refund.Kind.LATE))
    known |= Q(payment__is_applied=False, kind=Refund.Kind.MISMATCH) & ~fits
    return rows.exclude(known)


PAYMENT_CHECKS = (
    Check(
        code="applied-but-not-paid",
        invariant=2,
        text="The payment is applied to its order without being paid.",
        rows=Payment.objects.all(),
        find=lambda rows: rows.filter(is_applied=True).exclude(state=PAID),
    ),
    Check(
        code="paid-without-amount",
        invariant=2,
        text="The payment is paid, but not how much or when.",
        rows=Payment.objects.all(),
        find=lambda rows: rows.filter(state=PAID).filter(
            Q(paid_amount__isnull=True) | Q(paid_at__isnull=True) | Q(paid_currency="")
        ),
    ),
    Check(
        code="paid-without-number",
        invariant=2,
        text="The payment is paid, but the platform's number of it is not known.",
        rows=Payment.objects.all(),
        find=lambda rows: rows.filter(state=PAID, trade_no=""),
    ),
    Check(
        code="applied-and-unapplied",
        invariant=2,
        text="The payment is applied to its order and is marked as unapplied.",
        rows=Payment.objects.all(),
        find=lambda rows: rows.filter(is_applied=True, is_unapplied=True),
    ),
    Check(
        code="unapplied-but-not-paid",
        invariant=2,
        text="The payment is marked as unapplied without being paid.",
        rows=Payment.objects.all(),
        find=lambda rows: rows.filter(is_unapplied=True).exclude(state=PAID),
    ),
    Check(
        code="amount-without-paid",
        invariant=5,
        text="Money arrived for the payment, but it is not called paid.",
        rows=Payment.objects.all(),
        find=lambda rows: rows.filter(paid_amount__isnull=False).exclude(state=PAID),
    ),
    Check(
        code="verified-but-not-paid",
        invariant=5,
        text="The platform's verified notification says paid, but the payment is not.",
        rows=PlatformNotification.objects.all(),
        find=lambda rows: rows.filter(
            outcome__in=("applied", "duplicate", "late", "mismatch"), payment__isnull=False
        ).exclude(payment__state=PAID),
    ),
    Check(
        code="payment-of-other-money",
        invariant=6,
        text="The payment asks for another amount or currency than its order.",
        rows=Payment.objects.all(),
        find=lambda rows: rows.exclude(amount=F("order__amount"), currency=F("order__currency")),
    ),
    Check(
        code="payment-of-other-account",
        invariant=2,
        text="The payment's account is not one of its order's store.",
        rows=Payment.objects.all(),
        find=lambda rows: rows.exclude(account__store=F("order__store")),
    ),
    Check(
        code="payment-refund-figure",
        invariant=1,
        text="The payment's refunded amount is not the sum of its refunds.",
        rows=Payment.objects.all(),
        find=_refunded_total,
    ),
    Check(
        code="payment-reserved-figure",
        invariant=1,
        text="What is on its way back is not what the payment has reserved.",
        rows=Payment.objects.all(),
        find=_reserved,
        repair=_reserve,
    ),
    Check(
        code="payment-left-open",
        invariant=0,
        text="The order is over, but the payment can still be paid and is not being closed.",
        rows=Payment.objects.all(),
        find=lambda rows: rows.filter(state__in=(Payment.State.CREATED, Payment.State.OPEN)).exclude(
            order__state=Order.State.PENDING
        ),
        repair=_repair_by_closing,
    ),
    Check(
        code="payment-not-watched",
        invariant=5,
        text="The payment is not finished and no query is scheduled.",
        rows=Payment.objects.all(),
        find=_unwatched,
        repair=_watch,
    ),
    Check(
        code="unapplied-not-marked",
        invariant=2,
        text="The payment is paid and not applied, but is not marked as unapplied.",
        rows=Payment.objects.all(),
        find=lambda rows: rows.filter(state=PAID, is_applied=False, is_unapplied=False),
        repair=_mark_surplus,
    ),
    Check(
        code="unapplied-not-flagged",
        invariant=2,
        text="A payment was not applied, and no flag asks staff to look.",
        rows=Payment.objects.all(),
        find=lambda rows: rows.filter(state=PAID, is_applied=False).exclude(
            Exists(Flag.objects.filter(order=OuterRef("order")))
        ),
        repair=_raise_missing_flag,
    ),
    Check(
        code="refund-of-other-money",
        invariant=6,
        text="The refund's currency or order is not its payment's.",
        rows=Refund.objects.all(),
        find=lambda rows: rows.exclude(
            currency=F("payment__paid_currency"), order=F("payment__order"), partner=F("order__partner")
        ),
    ),
    Check(
        code="refund-of-other-kind",
        invariant=1,
        text="The refund's kind contradicts its payment: the order's figures follow the kind.",
        rows=Refund.objects.all(),
        find=_of_other_kind,
    ),
    Check(
        code="refund-not-watched",
        invariant=0,
        text="The refund is not finished and no next step is scheduled.",
        rows=Refund.objects.all(),
        find=_unwatched_refunds,
        repair=_watch_refund,
    ),
    Check(
        code="refund-end-undated",
        invariant=0,
        text="The refund's end and its state contradict each other.",
        rows=Refund.objects.all(),
        find=lambda rows: rows.filter(
            Q(state__in=FINAL, finished_at__isnull=True)
            | Q(state__in=Refund.UNFINISHED, finished_at__isnull=False)
        ),
        repair=_date_refund,
    ),
)
