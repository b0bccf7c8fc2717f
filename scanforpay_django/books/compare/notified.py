"""Payments and refunds of the bill's days of which the merchant never heard."""

from collections.abc import Iterator, Sequence
from typing import Any

from scanforpay_django.books.compare.payments import TOGETHER, batched
from scanforpay_django.books.compare.values import BillSpan, Found, Kind
from scanforpay_django.models import Notification, Payment

KINDS = (Kind.NOT_NOTIFIED,)


def compare_notified(span: BillSpan) -> Iterator[Found]:
    """Notifications that were given up. The merchant may have asked meanwhile: then they are not among them.

    They are few, and what they are about is looked up by its key: SQLite would begin with all payments of the account.
    """
    given_up = Notification.objects.filter(state=Notification.State.EXHAUSTED, alarmed_at__gte=span.begins_at)
    rows = given_up.select_related("order", "refund__payment").defer("content").order_by("pk")
    for batch in batched(rows.iterator(chunk_size=TOGETHER)):
        paid = _read_applied(batch)
        for row in batch:
            refund: Any = row.refund
            payment: Any = refund.payment if refund else paid.get(row.order_id)
            at = refund.finished_at if refund else payment and payment.paid_at
            if payment and span.contains(at) and payment.account_id in span.merchant.account_ids:
                yield _describe(row, payment, refund)


def _read_applied(rows: Sequence[Notification]) -> dict[int, Payment]:
    """Order -> the payment that paid it."""
    orders = [row.order_id for row in rows if row.kind == Notification.Kind.PAID]
    return {one.order_id: one for one in Payment.objects.filter(order__in=orders, is_applied=True)}


def _describe(row: Notification, payment: Any, refund: Any) -> Found:
    number, amount = payment.out_trade_no, payment.paid_amount
    if refund is not None:
        number, amount = refund.out_refund_no, refund.amount
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
