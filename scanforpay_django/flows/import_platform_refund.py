"""Import refunds that were made in a platform's own console, so that the sums here are right."""

import logging
from dataclasses import replace
from typing import Any

from django.db.models import Q

from scanforpay_django import clock
from scanforpay_django.exceptions import PlatformValueInvalid, RefundTooLarge
from scanforpay_django.flows.plausible import check_refund_number, check_refund_result
from scanforpay_django.flows.raise_flag import raise_flag, raise_flag_once
from scanforpay_django.flows.record_refund import record_refund_result, record_refunded
from scanforpay_django.flows.refund_rules import reserve
from scanforpay_django.flows.refund_unapplied import unapplied_kind
from scanforpay_django.models import Cause, Flag, Order, Payment, Refund
from scanforpay_django.models.database import atomic
from scanforpay_django.models.derived_numbers import derive_out_refund_no
from scanforpay_django.models.locks import lock_order_and_payment
from scanforpay_django.wallets.base import PaymentResult, RefundResult, RefundState

logger = logging.getLogger(__name__)


def import_refunded_sum(order: Order, payment: Payment, result: PaymentResult, cause: Cause) -> None:
    """Where a platform reports how much of a trade was refunded so far, import what was not requested here.

    Call under the locks of order and payment.
    """
    reported = result.returned_amount
    if reported is None:
        reported = payment.paid_amount if result.is_returned else None
    if reported is None or payment.state != Payment.State.PAID:
        return
    _late_success(order, payment, result, cause)
    unknown = reported - payment.refunded_amount - payment.reserved_amount
    if unknown > 0:
        _flag_earlier_try(order, payment, result.out_refund_no, unknown, cause)
        _import_amount(order, payment, unknown, None, cause, number=result.out_refund_no)


def _late_success(order: Order, payment: Payment, result: PaymentResult, cause: Cause) -> None:
    """The message is about a refund of ours that counted as failed."""
    if not result.out_refund_no:
        return
    refund = payment.refunds.filter(out_refund_no=result.out_refund_no, state=Refund.State.FAILED).first()
    if refund is not None:
        succeeded = RefundResult(out_refund_no=refund.out_refund_no, state=RefundState.SUCCEEDED)
        record_refunded(order, payment, refund, succeeded, cause)


def import_refund(payment: Payment, result: RefundResult, cause: Cause) -> bool:
    """Import one refund by its own numbers at the platform, once. One that is under way there is followed like ours.

    False while the payment is not known to be paid: the platform is to say it again. Raises PlatformValueInvalid.
    """
    check_refund_result(result)
    check_refund_number(result)
    if result.amount is None:
        raise PlatformValueInvalid("a refund without its amount")
    with atomic():
        order, locked = lock_order_and_payment(payment)
        if locked.state != Payment.State.PAID:
            return False
        same = Q(out_refund_no=result.out_refund_no)
        if result.refund_id:
            same |= Q(refund_id=result.refund_id)
        known = locked.refunds.filter(same).first()
        if known is None and result.state is RefundState.CLOSED:
            # Nothing went: only the timeline has it.
            order.record_event(
                cause, {**_console_details(result.amount, result), "state": Refund.State.FAILED}
            )
        elif known is None:
            _flag_earlier_try(order, locked, result.out_refund_no, result.amount, cause)
            _import_amount(order, locked, result.amount, result, cause, number=result.out_refund_no)
        else:
            record_refund_result(known, replace(result, out_refund_no=known.out_refund_no), cause)
    return True


def _flag_earlier_try(order: Order, payment: Payment, number: str, amount: int, cause: Cause) -> None:
    """A try of the merchant's refund that counted as failed has gone through after all, and the refund was sent anew
    under another number meanwhile: it goes twice.
    """
    for refund in payment.refunds.filter(submission__gt=1).exclude(refund_no="").select_related("partner"):
        names = (refund.partner.partner_no, refund.refund_no)
        if number in [derive_out_refund_no(*names, place) for place in range(1, refund.submission)]:
            details = {"refund": number, "refund_no": refund.refund_no, "amount": amount}
            raise_flag_once(order, Flag.Kind.OVER_REFUNDED, details, cause)


def _import_amount(
    order: Order, payment: Payment, amount: int, result: RefundResult | None, cause: Cause, *, number: str
) -> None:
    details = _console_details(amount, result)
    logger.warning("order %s: %s was refunded at the platform", order.order_no, amount)
    try:
        reserve(payment, amount)
    except RefundTooLarge:
        raise_flag(order, Flag.Kind.OVER_REFUNDED, details, cause)
        return
    payment.reserved_amount += amount
    refund = _create_imported(order, payment, amount, result, number)
    if result is None or result.state is RefundState.SUCCEEDED:
        succeeded = RefundResult(
            out_refund_no=refund.out_refund_no,
            state=RefundState.SUCCEEDED,
            refund_id=result.refund_id if result else "",
        )
        record_refunded(order, payment, refund, succeeded, cause)
    else:
        order.record_event(cause, refund.event_data())
        record_refund_result(refund, replace(result, out_refund_no=refund.out_refund_no), cause)


def _create_imported(
    order: Order, payment: Payment, amount: int, result: RefundResult | None, number: str
) -> Refund:
    """Under the platform's number, so that it can be asked about; other merchants' consoles may have given the same."""
    is_free = bool(number) and not Refund.objects.filter(out_refund_no=number).exists()
    return Refund.objects.create(
        partner_id=order.partner_id,
        order=order,
        payment=payment,
        kind=Refund.Kind.ORDER if payment.is_applied else unapplied_kind(order, payment),
        source=Refund.Source.PLATFORM,
        amount=amount,
        currency=payment.paid_currency,
        refund_id=result.refund_id if result else "",
        # It was sent, by the console: the next step asks about it.
        sent_at=clock.now(),
        **({"out_refund_no": number} if is_free else {}),
    )


def _console_details(amount: int, result: RefundResult | None) -> dict[str, Any]:
    return {"amount": amount, "refund_id": result.refund_id if result else "", "made_at": "the platform"}
