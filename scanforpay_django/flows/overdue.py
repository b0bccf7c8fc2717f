"""What should have ended by now: one flag for an order says what to do, and clears itself when the row has moved."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from scanforpay_django import clock
from scanforpay_django.flows.raise_flag import raise_flag
from scanforpay_django.flows.record_refund import OTHER_AMOUNT
from scanforpay_django.models import Flag, HandlerCall, Order, Payment, Refund, RestoreMark
from scanforpay_django.models.cause import BY_SWEEP
from scanforpay_django.models.database import atomic
from scanforpay_django.models.flag import ENDED_BY_ITSELF
from scanforpay_django.models.locks import lock_order
from scanforpay_django.wallets.registry import wallet_classes

#: a platform that answers wrongly or not at all, or a key that was revoked: a person looks after this time
MAX_FAILING = timedelta(hours=1)
#: for platforms that publish no time within which a refund ends
MAX_REFUND = timedelta(days=3)
#: flags of money that did not pay its order
UNAPPLIED = (Flag.Kind.LATE_PAYMENT, Flag.Kind.DUPLICATE_PAYMENT, Flag.Kind.AMOUNT_MISMATCH)
#: after staff have cleared a flag although nothing moved
REMIND_AFTER = timedelta(days=1)


def overdue_refunds(now: datetime) -> "QuerySet[Refund]":
    """Refunds that are not known to be in progress: not accepted, or without a usable answer, for an hour; or accepted
    and under way for longer than the platform publishes.
    """
    earlier = now - MAX_FAILING
    waiting = (Refund.State.REQUESTED, Refund.State.UNKNOWN)
    is_overdue = Q(failing_since__lte=earlier)
    is_overdue |= Q(state__in=waiting, sent_at__lte=earlier)
    is_overdue |= Q(state__in=waiting, sent_at=None, created_at__lte=earlier)
    is_overdue |= Q(state=Refund.State.QUEUED, next_at__lte=earlier)
    is_overdue |= Q(state=Refund.State.PROCESSING) & _under_way_too_long(now)
    # What is finished is left out for the sake of an index: the sweep asks again and again.
    return Refund.objects.unfinished().filter(is_overdue, finished_at=None)


def _under_way_too_long(now: datetime) -> Q:
    published = {name: backend.limits.refund_seconds for name, backend in wallet_classes().items()}
    limits = {name: timedelta(seconds=seconds) for name, seconds in published.items() if seconds}
    others = ~Q(payment__account__wallet__in=limits) & Q(sent_at__lte=now - MAX_REFUND)
    for name, limit in limits.items():
        others |= Q(payment__account__wallet=name, sent_at__lte=now - limit)
    return others


def overdue_payments(now: datetime) -> "QuerySet[Payment]":
    """Attempts whose platform has given no usable answer for an hour, or that are not known to have ended an hour after
    they could last be paid.
    """
    earlier = now - MAX_FAILING
    expired = Q(expires_at__lte=earlier) & ~_may_live_on(earlier)
    return Payment.objects.unfinished().filter(Q(failing_since__lte=earlier) | expired)


def overdue_orders(now: datetime) -> "QuerySet[Order]":
    """Orders that cannot end although no attempt of theirs is known to be under way, or whose platform
    could not be asked since a restore: until then they take no payment.
    """
    earlier = now - MAX_FAILING
    ended = Order.objects.overdue(earlier).exclude(pk__in=Payment.objects.unfinished().values("order"))
    mark = RestoreMark.objects.newest()
    if mark is None or mark.at > earlier:
        return ended
    return ended | mark.unasked_orders()


def _may_live_on(moment: datetime) -> Q:
    """Products whose addresses live longer than the order."""
    still = Q(pk__in=[])
    for name, backend in wallet_classes().items():
        for product in backend.products.values():
            lives_on = timedelta(seconds=product.lives_on_seconds)
            still |= Q(account__wallet=name, product=product.name, expires_at__gt=moment - lives_on)
    return still


def flag_overdue(*, limit: int = 200) -> None:
    """Raise the flags that are missing, and clear those whose rows have moved."""
    now = clock.now()
    refunds, payments = overdue_refunds(now), overdue_payments(now)
    for refund in _unflagged(refunds, Flag.Kind.REFUND_OVERDUE).select_related("order")[:limit]:
        details = {"refund": refund.out_refund_no, "amount": refund.amount, "why": refund.platform_code}
        _flag(refund.order, Flag.Kind.REFUND_OVERDUE, details)
    for payment in _unflagged(payments, Flag.Kind.PAYMENT_OVERDUE).select_related("order")[:limit]:
        _flag(payment.order, Flag.Kind.PAYMENT_OVERDUE, {"out_trade_no": payment.out_trade_no})
    flagged = _flagged(Flag.Kind.PAYMENT_OVERDUE)
    for order in overdue_orders(now).exclude(pk__in=flagged.values("order")).order_by("pk")[:limit]:
        _flag(order, Flag.Kind.PAYMENT_OVERDUE, {"order": order.order_no})
    _clear_flags(refunds, payments)


def _unflagged(rows: "QuerySet[Refund] | QuerySet[Payment]", kind: str) -> "QuerySet[Any]":
    return rows.exclude(order__in=_flagged(kind).values("order")).order_by("pk")


def _flagged(kind: str) -> "QuerySet[Flag]":
    """Flags that are up, and those that staff have cleared: what still stands a day later is shown again."""
    seen = Q(cleared_by__isnull=False, cleared_at__gt=clock.now() - REMIND_AFTER)
    return Flag.objects.filter(Q(cleared_at=None) | seen, kind=kind)


def _flag(order: Order, kind: str, details: dict[str, object]) -> None:
    with atomic():
        locked = lock_order(order.pk)
        if not locked.flags.filter(kind=kind, cleared_at=None).exists():
            raise_flag(locked, kind, details, BY_SWEEP)


def _clear_flags(refunds: "QuerySet[Refund]", payments: "QuerySet[Payment]") -> None:
    other_amount = Refund.objects.unfinished().filter(platform_code=OTHER_AMOUNT)
    still: dict[str, QuerySet[Any]] = {
        Flag.Kind.REFUND_STUCK: Refund.objects.filter(state=Refund.State.PAYER_UNREACHABLE),
        Flag.Kind.REFUND_OVERDUE: refunds | other_amount,
        Flag.Kind.PAYMENT_OVERDUE: payments,
        Flag.Kind.PAYMENT_INCOMPLETE: Payment.objects.unfinished(),
    }
    for kind, rows in still.items():
        over = Flag.objects.filter(kind=kind, cleared_at=None).exclude(order__in=rows.values("order"))
        if kind == Flag.Kind.PAYMENT_OVERDUE:
            over = over.exclude(order__in=overdue_orders(clock.now()).values("pk"))
        for flag in over.select_related("order"):
            _clear(flag)
    for flag in _ended_causes().select_related("order"):
        _clear(flag)


def _ended_causes() -> "QuerySet[Flag]":
    """Flags of payments that have gone back in full, and of handlers that were called after all."""
    open_flags = Flag.objects.filter(cleared_at=None)
    own = {"order": OuterRef("order")}
    lies_here = Payment.objects.filter(**own, is_unapplied=True, paid_amount__gt=F("refunded_amount"))
    fails = HandlerCall.objects.filter(**own).exclude(state=HandlerCall.State.DONE)
    returned = open_flags.filter(~Exists(lies_here), kind__in=UNAPPLIED)
    return returned | open_flags.filter(~Exists(fails), kind=Flag.Kind.HANDLER_FAILED)


def _clear(flag: Flag) -> None:
    with atomic():
        reason = ENDED_BY_ITSELF
        open_still = Flag.objects.filter(pk=flag.pk, cleared_at=None)
        if open_still.update(cleared_at=clock.now(), reason=reason):
            flag.order.record_event(BY_SWEEP, {"flag": flag.kind, "reason": reason})
