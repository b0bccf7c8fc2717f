"""Refunds above the store's limit: requested by one member of staff, decided by another, made once."""

from typing import Any

from django.db import IntegrityError

from scanforpay_django import clock
from scanforpay_django.exceptions import InvalidOrderState, RefundTooLarge
from scanforpay_django.flows.clear_flag import clear_flags
from scanforpay_django.flows.raise_flag import raise_flag
from scanforpay_django.flows.refund_order import RequestedRefund, request_refund
from scanforpay_django.flows.refund_rules import check_refundable
from scanforpay_django.flows.refund_unapplied import refund_unapplied
from scanforpay_django.models import Cause, Flag, Order, Payment, Refund, RefundApproval, Source
from scanforpay_django.models.cause import BY_SWEEP
from scanforpay_django.models.database import atomic
from scanforpay_django.models.locks import lock_order, newest
from scanforpay_django.models.refund_approval import user_key

#: why the flag of a request that was decided is cleared; a person's own word is in the timeline
_FLAG = Flag.Kind.REFUND_APPROVAL


def request_approval(
    order: Order, *, amount: int, reason: str, user: Any, cause: Cause, payment: Payment | None = None
) -> RefundApproval:
    """Write the request, with a flag that calls for a second person. Nothing is reserved and no platform is asked.

    ``payment``: an unapplied payment, of which all that is left is to be refunded; None: a refund of the order. Raises
    InvalidOrderState (another request waits, or nothing can be refunded), RefundTooLarge and WalletDisabled.
    """
    try:
        with atomic():
            locked = lock_order(order.pk)
            drop_unanswered(order=locked)
            _check(locked, payment, amount)
            approval = RefundApproval.objects.create(
                order=locked,
                payment=payment,
                amount=amount,
                currency=payment.paid_currency if payment else locked.currency,
                reason=reason,
                requested_by=cause.actor,
                requested_by_key=user_key(user),
            )
            details = {
                **approval.event_data(),
                "approval": approval.pk,
                "requested_by": cause.actor,
                "requested_by_key": approval.requested_by_key,
                "until": approval.decide_until.isoformat(),
            }
            raise_flag(locked, _FLAG, details, cause)
            return approval
    except IntegrityError as error:
        raise InvalidOrderState("another refund of the order waits for a second person") from error


def _check(order: Order, payment: Payment | None, amount: int) -> None:
    """As far as it is known now: what is approved is checked again when it is made."""
    if payment is None and order.state != Order.State.PAID:
        raise InvalidOrderState(f"the order is {order.state}")
    refunded = payment or newest(order.payments.all(), "account").get(is_applied=True)
    check_refundable(refunded)
    left = (refunded.paid_amount or 0) - refunded.refunded_amount - refunded.reserved_amount
    if not 0 < amount <= left:
        raise RefundTooLarge


def approve(approval: RefundApproval, *, user: Any, cause: Cause) -> Refund:
    """The refund's row, requested in the name of who asked for it; ``flows.carry_out_refund`` then submits it.

    Raises InvalidOrderState (it was decided or dropped, or is one's own) and what ``request_refund`` raises; then it
    waits as before.
    """
    with atomic():
        order = lock_order(approval.order_id)
        _decide(approval, RefundApproval.State.APPROVED, user, cause)
        order.record_event(cause, {"act": "approve", **approval.event_data()})
        clear_flags(order, _FLAG, reason="", cause=cause)
        asked = Cause(source=Source.STAFF, actor=approval.requested_by)
        if approval.payment is not None:
            return refund_unapplied(approval.payment, asked, reason=approval.reason)
        return request_refund(
            order,
            RequestedRefund(refund_no="", amount=approval.amount, cause=asked, reason=approval.reason),
        )


def decline(approval: RefundApproval, *, user: Any, cause: Cause, why: str) -> None:
    """Nothing is refunded. Raises InvalidOrderState: it was decided or dropped, or is one's own."""
    with atomic():
        order = lock_order(approval.order_id)
        _decide(approval, RefundApproval.State.DECLINED, user, cause)
        order.record_event(cause, {"act": "decline", **approval.event_data(), "why": why})
        clear_flags(order, _FLAG, reason=why, cause=cause)


def drop_unanswered(*, order: Order | None = None, limit: int = 200) -> None:
    """Drop what was not decided in time, of all orders or of one."""
    due = RefundApproval.objects.filter(
        state=RefundApproval.State.WAITING,
        decide_until__lte=clock.now(),
        **({"order": order} if order else {}),
    )
    for approval in due.order_by("pk")[:limit]:
        with atomic():
            locked = lock_order(approval.order_id)
            if _write(approval, RefundApproval.State.DROPPED, ""):
                locked.record_event(BY_SWEEP, {"act": "drop", **approval.event_data()})
                clear_flags(locked, _FLAG, reason="", cause=BY_SWEEP)


def _decide(approval: RefundApproval, state: str, user: Any, cause: Cause) -> None:
    if approval.belongs_to(user):
        raise InvalidOrderState("a refund is approved or declined by somebody else than who requested it")
    if approval.decide_until <= clock.now() or not _write(approval, state, cause.actor):
        raise InvalidOrderState("the request has been decided or dropped")


def _write(approval: RefundApproval, state: str, actor: str) -> bool:
    """Once: of two who decide at the same moment one does."""
    waits = RefundApproval.objects.filter(pk=approval.pk, state=RefundApproval.State.WAITING)
    return bool(waits.update(state=state, decided_by=actor, decided_at=clock.now()))
