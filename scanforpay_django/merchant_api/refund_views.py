"""The calls common/refund and common/refundQuery."""

import time
from typing import Any

from django.utils import translation

from scanforpay_django import clock
from scanforpay_django.conf import conf
from scanforpay_django.exceptions import OrderNotFound
from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.flows.refund_order import RequestedRefund, request_refund
from scanforpay_django.merchant_api.envelope import MESSAGE_LENGTH, Caller
from scanforpay_django.merchant_api.held_calls import place_to_wait
from scanforpay_django.merchant_api.serializers import RefundBody, RefundQueryBody
from scanforpay_django.merchant_api.views import ApiView
from scanforpay_django.models import Order, Refund
from scanforpay_django.operations.error_text import describe_refund_failure
from scanforpay_django.wire import refund_body

LOOK_AGAIN_SECONDS = 1
REFUNDED = 1


class RefundView(ApiView):
    """common/refund: full or partial, many per order."""

    operation_id = "refundOrder"
    summary = "Refund an order, in full or in part"
    answer_schema = "Refund"
    body_class = RefundBody
    is_carried_out_once = True

    def answer(self, caller: Caller, fields: dict[str, Any]) -> dict[str, Any]:
        """How the refund stands, final if that can be known in time: clients take every status but 1 as failed."""
        arrived_at = clock.now()
        order = (
            Order.objects.filter(partner=caller.partner, partner_order_no=fields.pop("partner_order_no"))
            .select_related("store")
            .first()
        )
        if order is None:
            raise OrderNotFound
        self.language = order.store.language
        requested = RequestedRefund(cause=caller.cause, arrived_at=arrived_at, digest=self.digest, **fields)
        # An ASGI server has a thread for each request; a WSGI server says whether it has any.
        has_threads = self.request.META.get("wsgi.multithread", True)
        refund = hold(request_refund(order, requested), has_threads=has_threads)
        if not refund.is_final():
            Refund.objects.filter(pk=refund.pk, answered_at__isnull=True).update(answered_at=clock.now())
        body = _refund_body(refund, self.language)
        if caller.partner.accepted_is_refunded and not refund.is_final():
            body["status"] = REFUNDED
        return body


class RefundQueryView(ApiView):
    """common/refundQuery: how a refund stands."""

    operation_id = "queryRefund"
    summary = "Ask about a refund"
    answer_schema = "Refund"
    body_class = RefundQueryBody

    def answer(self, caller: Caller, fields: dict[str, Any]) -> dict[str, Any]:
        """As refund's, from what is known here."""
        found = Refund.objects.filter(partner=caller.partner, refund_no=fields["refund_no"])
        refund = found.select_related("order__store").first()
        if refund is None:
            raise OrderNotFound
        self.language = refund.order.store.language
        return _refund_body(refund, self.language)


def _refund_body(refund: Refund, language: str) -> dict[str, Any]:
    """In the store's language it says why a refund failed."""
    with translation.override(language):
        return refund_body(refund, failure=describe_refund_failure(refund)[:MESSAGE_LENGTH])


def hold(refund: Refund, *, has_threads: bool) -> Refund:
    """Carry it out here and now, and wait a while for the platform's final word, unless enough calls wait already."""
    end = time.monotonic() + conf.refund_hold_seconds
    refund = carry_out(refund)
    if _has_ended(refund) or conf.refund_hold_seconds <= 0:
        return refund
    with place_to_wait(refund, has_threads=has_threads) as may_wait:
        while may_wait and not _has_ended(refund) and time.monotonic() < end:
            time.sleep(LOOK_AGAIN_SECONDS)
            refund = carry_out(refund)
    return refund


def _has_ended(refund: Refund) -> bool:
    """Whether waiting would change nothing."""
    return refund.is_final() or refund.state == Refund.State.QUEUED
