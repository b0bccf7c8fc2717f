"""Payments and refunds of the bill's days of which the merchant never heard."""

from collections.abc import Iterator
from typing import Any

from scanforpay_django.books.compare.values import BillSpan, Found, Kind
from scanforpay_django.models import Notification

KINDS = (Kind.NOT_NOTIFIED,)


def compare_notified(span: BillSpan) -> Iterator[Found]:
    """Notifications that were given up. The merchant may have asked meanwhile: then they are not among them."""
    given_up = Notification.objects.filter(state=Notification.State.EXHAUSTED, alarmed_at__gte=span.begins_at)
    accounts = span.merchant.account_ids
    paid = given_up.filter(
        span.within("order__payments__paid_at"),
        kind=Notification.Kind.PAID,
        order__payments__is_applied=True,
        order__payments__account__in=accounts,
    )
    refunded = given_up.filter(
        span.within("refund__finished_at"),
        kind=Notification.Kind.REFUND,
        refund__payment__account__in=accounts,
    )
    for row in paid.select_related("order").distinct().order_by("pk"):
        payment = row.order.payments.filter(is_applied=True).get()
        yield _describe(row, payment, payment.paid_amount, payment.out_trade_no)
    for row in refunded.select_related("order", "refund__payment").distinct().order_by("pk"):
        refund: Any = row.refund
        yield _describe(row, refund.payment, refund.amount, refund.out_refund_no)


def _describe(row: Notification, payment: Any, amount: int | None, number: str) -> Found:
    return Found(
        kind=Kind.NOT_NOTIFIED,
        number=number,
        account_id=payment.account_id,
        order_no=row.order.order_no,
        field="notification",
        ours=row.state,
        theirs=row.last_reason[:200],
        amount=amount,
        currency=payment.paid_currency,
        details={"notification": row.pk, "out_trade_no": payment.out_trade_no},
    )
