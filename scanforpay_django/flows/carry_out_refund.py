"""Carry a refund through: ask, follow by query, and write down what the platform says. No transaction is open while
it is asked.
"""

import logging
from dataclasses import replace
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone

from scanforpay_django import signals
from scanforpay_django.conf import conf
from scanforpay_django.exceptions import PlatformError, PlatformRefused, PlatformUnreachable
from scanforpay_django.flows.accounts import wallet_of
from scanforpay_django.merchant_notify.outbox import enqueue_refund
from scanforpay_django.models import Attention, Order, OrderEvent, Payment, Refund
from scanforpay_django.wallets.base import RefundRequest, RefundResult, RefundState, Wallet

logger = logging.getLogger(__name__)

# Seconds until the next look, by number of looks; then every hour.
STEPS = (2, 5, 15, 60, 300, 1800)
LATER = 3600
# No call lasts longer: until then nobody else takes the next step.
LEASE = timedelta(seconds=60)
GOING_ON = {
    RefundState.PROCESSING: Refund.State.PROCESSING,
    RefundState.ABNORMAL: Refund.State.ABNORMAL,
}
OTHER_AMOUNT = "another amount"
# "Refused" that means "again": it is being accepted, or the trade is not known there yet.
PASSING_CODES = {"FREQUENCYLIMITED", "FREQUENCYLIMITEXCEED", "RESOURCENOTEXISTS", "REFUNDTOOFREQUENT"}


def carry_out(refund: Refund) -> Refund:
    """One step, unless another process is at it; the refund as it stands then."""
    mine = Refund.objects.filter(pk=refund.pk, state__in=Refund.UNFINISHED, next_at__lte=timezone.now())
    if mine.update(next_at=timezone.now() + LEASE, try_count=F("try_count") + 1):
        refund = Refund.objects.select_related("payment__account", "order").get(pk=refund.pk)
        try:
            _step(refund, wallet_of(refund.payment.account))
        except PlatformUnreachable as error:
            _wait(refund, refund.state, str(error.platform_code))
        except PlatformError as error:
            logger.warning("refund %s: %s", refund.out_refund_no, error)
            _wait(refund, Refund.State.UNKNOWN, error.platform_code)
    return Refund.objects.select_related("order").get(pk=refund.pk)


def _step(refund: Refund, wallet: Wallet) -> None:
    """The first time it is sent; after that it is asked about first, and sent again only where it is not known."""
    if refund.sent_at is not None:
        result = _ask(refund, wallet)
        if result.state is not RefundState.NOT_FOUND:
            record(refund, result, source=OrderEvent.Source.PLATFORM_QUERY)
            return
    # The platform may have told meanwhile: what is final stays so.
    open_still = _as_it_was(refund).update(sent_at=timezone.now(), state=Refund.State.CREATED)
    if not open_still:
        return
    try:
        result = wallet.refund(_request(refund, wallet))
    except PlatformRefused as error:
        _confirm_refused(refund, wallet, error)
        return
    record(refund, result, source=OrderEvent.Source.PLATFORM_QUERY)


def _request(refund: Refund, wallet: Wallet) -> RefundRequest:
    path = reverse("scanforpay:platform-notify", args=[wallet.slug, refund.payment.account.public_id])
    return RefundRequest(
        out_trade_no=refund.payment.out_trade_no,
        out_refund_no=refund.out_refund_no,
        amount=refund.amount,
        paid_amount=refund.payment.paid_amount or 0,
        currency=refund.currency,
        notify_url=conf.base_url + path,
    )


def _ask(refund: Refund, wallet: Wallet) -> RefundResult:
    """What the platform says of the refund. Where it tells the sum of a trade's refunds only, that is compared with
    what is known here: the sum with this one, and with all that are open, or the sum without any of them.
    """
    result = wallet.query_refund(refund.payment.out_trade_no, refund.out_refund_no)
    if result.trade_refunded is None:
        return result
    siblings = refund.payment.refunds.all()
    before = sum(one.amount for one in siblings if one.state == Refund.State.REFUNDED)
    others = sum(one.amount for one in siblings if one.pk != refund.pk and one.state in Refund.UNFINISHED)
    if result.trade_refunded == before + refund.amount + others:
        return replace(result, state=RefundState.REFUNDED)
    # Accepted, or so fresh that the sum may lag: nothing is sent again.
    is_settled = refund.state != Refund.State.PROCESSING and not _is_fresh(refund)
    if result.trade_refunded == before and is_settled:
        return replace(result, state=RefundState.NOT_FOUND)
    return result


def _is_fresh(refund: Refund) -> bool:
    return refund.sent_at is not None and timezone.now() < refund.sent_at + LEASE


def _confirm_refused(refund: Refund, wallet: Wallet, error: PlatformRefused) -> None:
    """A refusal is believed when a query finds nothing. Raises PlatformError."""
    result = _ask(refund, wallet)
    if result.state is not RefundState.NOT_FOUND:
        record(refund, result, source=OrderEvent.Source.PLATFORM_QUERY)
    elif error.platform_code.upper().replace("_", "") in PASSING_CODES:
        _wait(refund, Refund.State.UNKNOWN, error.platform_code)
    else:
        closed = RefundResult(
            out_refund_no=refund.out_refund_no, state=RefundState.CLOSED, platform_state=error.platform_code
        )
        record(refund, closed, source=OrderEvent.Source.PLATFORM_QUERY)


def _as_it_was(refund: Refund) -> QuerySet[Refund]:
    """Its row, if it still is the same try and nothing is final."""
    return Refund.objects.filter(
        pk=refund.pk, out_refund_no=refund.out_refund_no, state__in=Refund.UNFINISHED
    )


def _wait(refund: Refund, state: str, code: str = "") -> None:
    seconds = STEPS[refund.try_count - 1] if 0 < refund.try_count <= len(STEPS) else LATER
    _as_it_was(refund).update(
        state=state, next_at=timezone.now() + timedelta(seconds=seconds), platform_code=code[:64]
    )


def record(refund: Refund, result: RefundResult, *, source: str) -> None:
    """What the platform says of a refund, proven; under the locks of order, payment and refund."""
    with transaction.atomic():
        order = Order.objects.select_for_update(of=("self",)).get(pk=refund.order_id)
        payment = Payment.objects.select_for_update().get(pk=refund.payment_id)
        locked = Refund.objects.select_for_update().get(pk=refund.pk)
        if locked.state == Refund.State.REFUNDED or result.out_refund_no != locked.out_refund_no:
            return
        if result.state is RefundState.REFUNDED and result.amount not in (None, locked.amount):
            logger.error("refund %s: the platform tells another amount", locked.out_refund_no)
            _wait(locked, Refund.State.UNKNOWN, OTHER_AMOUNT)
        elif result.state is RefundState.REFUNDED:
            _record_refunded(order, payment, locked, result, source)
        elif result.state is RefundState.CLOSED:
            _record_failed(payment, locked, result)
        elif locked.state in Refund.UNFINISHED:
            if result.state is RefundState.ABNORMAL and locked.state != Refund.State.ABNORMAL:
                logger.error("refund %s could not reach its payer", locked.out_refund_no)
            _wait(locked, GOING_ON.get(result.state, locked.state), result.platform_state)


def _record_refunded(
    order: Order, payment: Payment, refund: Refund, result: RefundResult, source: str
) -> None:
    was_failed = refund.state == Refund.State.FAILED
    refund.state, refund.finished_at, refund.next_at = Refund.State.REFUNDED, timezone.now(), None
    refund.refund_id, refund.platform_code = result.refund_id, result.platform_state[:64]
    refund.save()
    details = {"refund_no": refund.refund_no, "amount": refund.amount, "kind": refund.kind}
    reserved = 0 if was_failed else refund.amount
    free = (payment.paid_amount or 0) - payment.refunded_amount - payment.reserved_amount + reserved
    if refund.amount > free:
        # It had failed and its amount was promised anew: more went back than was meant to.
        Attention.objects.get_or_create(
            order=order, flag=Attention.Flag.OVER_REFUNDED, cleared_at=None, defaults={"details": details}
        )
        OrderEvent.record(
            order, order.state, order.state, source=source, data={**details, "flag": "over_refunded"}
        )
        logger.error("order %s needs attention: more was refunded than intended", order.order_no)
        return
    payment.refunded_amount += refund.amount
    payment.reserved_amount -= reserved
    payment.save(update_fields=["refunded_amount", "reserved_amount"])
    if refund.kind == Refund.Kind.ORDER:
        _move_order(order, refund, details, source)
        enqueue_refund(refund)
    else:
        OrderEvent.record(order, order.state, order.state, source=source, data=details)


def _move_order(order: Order, refund: Refund, details: dict[str, object], source: str) -> None:
    refunded = order.refunded_amount + refund.amount
    if refunded == order.amount and order.state == Order.State.PAID:
        order.move(Order.State.REFUNDED, source=source, data=details, refunded_amount=refunded)
    else:
        Order.objects.filter(pk=order.pk).update(refunded_amount=refunded)
        OrderEvent.record(order, order.state, order.state, source=source, data=details)
    transaction.on_commit(partial(signals.order_refunded.send_robust, Order, order=order), robust=True)


def _record_failed(payment: Payment, refund: Refund, result: RefundResult) -> None:
    """Nothing goes on: what was reserved is free again."""
    if refund.state == Refund.State.FAILED:
        return
    refund.state, refund.finished_at, refund.next_at = Refund.State.FAILED, timezone.now(), None
    refund.platform_code = result.platform_state[:64]
    refund.save()
    payment.reserved_amount -= refund.amount
    payment.save(update_fields=["reserved_amount"])
