"""Record a refund request: once per request, never more than was paid."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError
from django.db.models import Q

from scanforpay_django import clock
from scanforpay_django.exceptions import (
    IdempotencyConflict,
    InvalidOrderState,
    RefundTooLarge,
    RequestRefused,
)
from scanforpay_django.flows.find_lost_refunds import adopt_imported_refund
from scanforpay_django.flows.refund_rules import (
    check_refundable,
    check_staff_limit,
    earliest_submission,
    next_own_refund_no,
    reserve,
)
from scanforpay_django.models import ArchivedNumber, Cause, Order, Payment, Refund, SeenRequest
from scanforpay_django.models.database import atomic
from scanforpay_django.models.derived_numbers import derive_out_refund_no
from scanforpay_django.models.locks import lock_order, newest

# No shop gives up waiting for an answer that soon.
SIMULTANEOUS_WINDOW = timedelta(seconds=2)


@dataclass(frozen=True, kw_only=True)
class RequestedRefund:
    """What shall go back, and who wants it."""

    # the merchant's number; "" for staff's
    refund_no: str
    # minor units
    amount: int
    operator_id: str = ""
    terminal_no: str = ""
    # the merchant's call, or staff
    cause: Cause
    reason: str = ""
    # when the call came in; None: not one of several at once
    arrived_at: datetime | None = None
    # SHA-256 of the signed request, as hex; "": not a merchant's call
    digest: str = ""
    # the newest refund of the order that the page showed, 0 for none; None: not known
    newest: int | None = None
    # what staff may refund of the order in all, minor units; None: no limit
    staff_limit: int | None = None


def request_refund(order: Order, requested: RequestedRefund) -> Refund:
    """The refund's row; ``flows.carry_out_refund`` submits it to the platform. The same number again is the same
    refund, and one that failed starts anew under a new number at the platform. Bytes that were sent before start
    nothing: they read how the refund stands.

    Raises IdempotencyConflict (another request has the number), InvalidOrderState, RefundTooLarge, WalletDisabled.
    """
    try:
        return _request_refund(order, requested)
    except RequestRefused:
        # Captured and sent again when the order's state allows it, it would move money against the merchant's will.
        if requested.digest:
            SeenRequest.objects.mark(order.partner_id, requested.digest)
        raise


def _request_refund(order: Order, requested: RequestedRefund) -> Refund:
    try:
        with atomic():
            locked = lock_order(order.pk)
            existing = _find_same_refund(locked, requested)
            is_new = not requested.digest or SeenRequest.objects.mark(order.partner_id, requested.digest)
            if existing is not None and (existing.state != Refund.State.FAILED or not is_new):
                return existing
            if not is_new:
                raise InvalidOrderState("this very request was refused before")
            payment = _refundable(locked, requested)
            reserve(payment, requested.amount)
            refund = existing or _new_refund(locked, payment, requested)
            refund.submission += existing is not None
            refund.out_refund_no = _derive_number(refund)
            _start_submission(refund, earliest_submission(payment))
            locked.record_event(requested.cause, refund.request_data())
            return refund
    except IntegrityError:
        # Another order's refund took the number at the same moment.
        existing = _find_same_refund(order, requested)
        if existing is None:
            raise
        return existing


def _find_same_refund(order: Order, requested: RequestedRefund) -> Refund | None:
    """The refund under the merchant's number; staff's have none. Raises IdempotencyConflict."""
    if not requested.refund_no:
        return None
    same_number = Refund.objects.filter(partner_id=order.partner_id, refund_no=requested.refund_no)
    found = newest(same_number).first()
    if found is None:
        if ArchivedNumber.objects.find_refund(order.partner_id, requested.refund_no):
            # The platform would take it for the old refund, and say that it has succeeded.
            raise IdempotencyConflict("the refund with this number is archived")
        return adopt_imported_refund(order, requested.refund_no, requested.amount)
    if (found.order_id, found.amount) != (order.pk, requested.amount):
        raise IdempotencyConflict
    return found


def _refundable(order: Order, requested: RequestedRefund) -> Payment:
    if requested.newest is not None and newest(order.refunds.filter(pk__gt=requested.newest)).exists():
        raise InvalidOrderState("the order has been refunded since the page was made")
    if order.state == Order.State.REFUNDED:
        raise RefundTooLarge
    if order.state != Order.State.PAID:
        raise InvalidOrderState(f"the order is {order.state}")
    payment = newest(order.payments.all(), "account").get(is_applied=True)
    check_refundable(payment)
    check_staff_limit(order, requested.amount, requested.staff_limit)
    if _may_be_a_repeat(payment, requested):
        raise InvalidOrderState("a refund of this amount is under way")
    return payment


def _may_be_a_repeat(payment: Payment, requested: RequestedRefund) -> bool:
    """A published client takes every status but 1 as failed, and a shop whose call timed out knows nothing: both ask
    again under a new number. Calls that come in together are requests of their own: none of them had an answer yet.
    """
    under_way = newest(payment.refunds.unfinished().filter(amount=requested.amount))
    if requested.arrived_at is not None:
        under_way = under_way.filter(
            Q(answered_at__lte=requested.arrived_at)
            | Q(created_at__lt=requested.arrived_at - SIMULTANEOUS_WINDOW)
        )
    return under_way.exists()


def _new_refund(order: Order, payment: Payment, requested: RequestedRefund) -> Refund:
    return Refund(
        partner_id=order.partner_id,
        order=order,
        payment=payment,
        refund_no=requested.refund_no,
        source=Refund.Source(requested.cause.source),
        actor=requested.cause.actor,
        reason=requested.reason,
        amount=requested.amount,
        currency=payment.paid_currency,
        operator_id=requested.operator_id,
        terminal_no=requested.terminal_no,
    )


def _derive_number(refund: Refund) -> str:
    """A platform may never reopen a closed refund: what failed gets the number of its next submission."""
    if refund.refund_no:
        return derive_out_refund_no(refund.partner.partner_no, refund.refund_no, refund.submission)
    return next_own_refund_no(refund.payment, refund.kind)


def _start_submission(refund: Refund, turn: datetime) -> None:
    """Due when the platform takes it."""
    refund.platform_code = ""
    refund.state = Refund.State.QUEUED if turn > clock.now() else Refund.State.REQUESTED
    refund.sent_at, refund.answered_at, refund.finished_at = None, None, None
    refund.next_at, refund.step_count = turn, 0
    refund.lease_token, refund.failing_since = "", None
    refund.save()
